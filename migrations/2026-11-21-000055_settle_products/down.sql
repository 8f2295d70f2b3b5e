DELETE FROM jobs WHERE kind = 'products.settle' AND payload ->> 'whose' = 'All';
