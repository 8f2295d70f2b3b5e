DELETE FROM jobs WHERE kind = 'orders.pass_on_paid';
