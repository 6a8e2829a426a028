-- The tables as the Python shop's first migration made them. Where that shop has been, they are there already: from here
-- on, its database and an empty one go the same way.

create table if not exists orders (
  id serial primary key,
  created_at timestamp not null,
  updated_at timestamp not null
);

create table if not exists order_details (
  id serial primary key,
  order_id integer not null constraint fk_order_details_orders references orders (id),
  product_id varchar not null,
  price numeric(18, 2) not null,
  quantity integer not null,
  created_at timestamp not null,
  updated_at timestamp not null
);
