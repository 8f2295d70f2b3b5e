import { GraphiQL } from "graphiql";
import { Fragment, createElement } from "react";
import { createRoot } from "react-dom/client";
import { fetcher } from "./fetcher.js";
import { OperationsOfTab } from "./operations.js";

const workers = {
  graphql: "./graphql.worker.js",
  json: "./json.worker.js",
};

globalThis.MonacoEnvironment = {
  getWorker: (_id, label) =>
    new Worker(new URL(workers[label] ?? "./editor.worker.js", import.meta.url), { type: "module", name: label }),
};

const defaultTabs = JSON.parse(document.getElementById("tabs").textContent);

createRoot(document.getElementById("graphiql")).render(
  createElement(
    GraphiQL,
    {
      fetcher,
      defaultTabs,
      defaultEditorToolsVisibility: true,
      inputValueDeprecation: true,
      schemaDescription: true,
    },
    createElement(GraphiQL.Toolbar, null, ({ prettify, copy, merge }) =>
      createElement(Fragment, null, prettify, merge, copy, createElement(OperationsOfTab)),
    ),
  ),
);
