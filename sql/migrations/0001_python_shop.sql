-- The tables as the Python shop's first migration made them. In that shop's database they exist already. From here on,
-- its database and an empty one get the same migrations.

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
