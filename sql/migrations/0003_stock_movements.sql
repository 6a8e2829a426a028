-- What became of each stock movement that was reserved in Redis: its id is recorded in the same statement as the change
-- of the order, or as cancelled by whoever finds that it never was. Being the primary key, it can be only one of them.
--
-- No foreign key: a movement outlives its order. An id begins with its time (UUIDv7), so old ones are purged by it.

create table stock_movements (
  id uuid primary key,
  order_id bigint,  -- Null: cancelled.
  kind text not null check (kind in ('created', 'updated', 'deleted', 'cancelled')),
  created_at timestamptz not null default now()
);

-- No update: what became of a movement never changes.
grant select, insert, delete on stock_movements to orders;
