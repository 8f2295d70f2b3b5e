DELETE FROM jobs WHERE kind = 'orders.issue_documents';
