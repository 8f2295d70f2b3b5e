-- What it did while it remembered nothing, as far as is written down here. Where real money moves there is nothing of it.
INSERT INTO test_provider_acts (key, kind, payment, amount, currency, outcome, created_at)
SELECT 'charge ' || id, 'CHARGE', id, amount, currency, 'DONE', updated_at
  FROM payment_intents WHERE provider = 'test' AND status = 'SUCCEEDED' AND NOT is_captured_later;
INSERT INTO test_provider_acts (key, kind, payment, amount, currency, outcome, created_at)
SELECT 'capture ' || id, 'CAPTURE', id, coalesce(captured, amount), currency, 'DONE', updated_at
  FROM payment_intents WHERE provider = 'test' AND status = 'SUCCEEDED' AND is_captured_later;
INSERT INTO test_provider_acts (key, kind, payment, amount, currency, outcome, created_at)
SELECT 'refund ' || r.id || ' ' || r.attempt, 'REFUND', i.id, r.amount, r.currency, 'DONE', r.updated_at
  FROM refunds r JOIN payment_intents i ON i.id = r.intent_id WHERE i.provider = 'test' AND r.status = 'SUCCEEDED';
INSERT INTO test_provider_acts (key, kind, payment, amount, currency, outcome, dispute_status, dispute_money, created_at)
SELECT 'dispute ' || reference, 'DISPUTE', intent_id, amount, currency, 'DONE', status, money, created_at
  FROM payment_disputes WHERE provider = 'test';
INSERT INTO test_provider_acts (key, kind, destination, amount, currency, outcome, created_at)
SELECT 'transfer ' || id, 'TRANSFER', destination, amount, currency, 'DONE', updated_at
  FROM payouts WHERE provider = 'test' AND status = 'PAID';
