DROP TABLE guest_orders;
