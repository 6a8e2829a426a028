-- The Python shop's tables become this shop's, whichever version of that shop made them. The earliest version had no
-- timestamps, numbers as product ids, and perhaps other defaults.

-- Ids have 64 bits. New ones continue after the highest one that is there or was there.
alter table order_details drop constraint if exists fk_order_details_orders;
alter table order_details drop constraint if exists order_details_order_id_fkey;
alter table orders alter id drop identity if exists, alter id type bigint;
alter table order_details alter id drop identity if exists, alter id type bigint, alter order_id type bigint;

create sequence if not exists orders_id_seq;
alter sequence orders_id_seq as bigint owned by orders.id;
alter table orders alter id set default nextval('orders_id_seq');
select setval('orders_id_seq', max(id)) from orders
having max(id) > (select case when is_called then last_value else 0 end from orders_id_seq) \g /dev/null

create sequence if not exists order_details_id_seq;
alter sequence order_details_id_seq as bigint owned by order_details.id;
alter table order_details alter id set default nextval('order_details_id_seq');
select setval('order_details_id_seq', max(id)) from order_details
having max(id) > (select case when is_called then last_value else 0 end from order_details_id_seq) \g /dev/null

-- The Python shop set the times itself, in UTC and without a time zone.
alter table orders
  add column if not exists created_at timestamp,
  add column if not exists updated_at timestamp,
  alter created_at set default timezone('utc', now()),
  alter updated_at set default timezone('utc', now());
alter table order_details
  add column if not exists created_at timestamp,
  add column if not exists updated_at timestamp,
  alter created_at set default timezone('utc', now()),
  alter updated_at set default timezone('utc', now());
update orders set created_at = coalesce(created_at, default_time), updated_at = coalesce(updated_at, default_time)
from (select timezone('utc', now()) as default_time) as t where created_at is null or updated_at is null;
update order_details set created_at = coalesce(created_at, default_time), updated_at = coalesce(updated_at, default_time)
from (select timezone('utc', now()) as default_time) as t where created_at is null or updated_at is null;

alter table orders alter created_at set not null, alter updated_at set not null;
alter table order_details
  alter order_id set not null,
  alter product_id type varchar,
  alter product_id set not null,
  alter price type numeric(18, 2),
  alter price set not null,
  alter quantity set not null,
  alter created_at set not null,
  alter updated_at set not null,
  -- An order is deleted with its details.
  add constraint fk_order_details_orders foreign key (order_id) references orders (id) on delete cascade;

-- Counts an order's changes. An update or a delete applies only to the version that was read.
alter table orders add column version bigint not null default 0;

-- For an order's details, in the order in which they are shown.
create index order_details_order_id_id on order_details (order_id, id);

grant select, insert, update, delete on orders, order_details to orders;
grant usage on sequence orders_id_seq, order_details_id_seq to orders;
