-- Sends the requests of a file (a line each: access token, tab, body) one after the other. Each sending puts a text of its
-- own at the mark. Arguments: the file, the number of the run.
local MARK = string.rep("@", 20)
local requests, position, sent, run = {}, 0, 0, 0
local threads = {}
-- Global: the end of the run asks each thread for it.
refused = 0

function setup(thread)
  threads[#threads + 1] = thread
end

-- What the market refuses is answered like everything else.
local function look_at(_, _, body)
  if body:find('"userErrors":%s*%[%s*{') then refused = refused + 1 end
end

function init(arguments)
  run = tonumber(arguments[2])
  for line in io.lines(arguments[1]) do
    local token, body = line:match("^([^\t]*)\t(.*)$")
    local headers = { ["Content-Type"] = "application/json", ["Accept"] = "application/json" }
    if token ~= "" then headers["Authorization"] = "Bearer " .. token end
    local text = wrk.format("POST", nil, headers, body)
    local from, to = text:find(MARK, 1, true)
    if from then
      requests[#requests + 1] = { text:sub(1, from - 1), text:sub(to + 1) }
      -- Only of mutations: to look at each answer takes time.
      response = look_at
    else
      requests[#requests + 1] = text
    end
  end
end

function request()
  position = position % #requests + 1
  local text = requests[position]
  if type(text) == "string" then return text end
  sent = sent + 1
  return text[1] .. string.format("run%05d%012d", run, sent) .. text[2]
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  for _, thread in ipairs(threads) do failed = failed + thread:get("refused") end
  io.write(string.format(
    '\n{"requests":%d,"seconds":%.6f,"p50":%.3f,"p99":%.3f,"failed":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    failed))
end
