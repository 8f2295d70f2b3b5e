DROP TABLE order_steps;
