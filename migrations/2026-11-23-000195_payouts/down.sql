DROP TABLE payouts, payout_accounts;
