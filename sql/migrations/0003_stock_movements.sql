-- The outcome of each stock movement that was reserved in Redis. Either the statement that changes the order records
-- the movement's id, or the reconciler records it as cancelled. The id is the primary key, so it can be only one of the
-- two.
--
-- No foreign key: a movement outlives its order. An id begins with its time (UUIDv7), so the purge finds old ones by
-- id.

create table stock_movements (
  id uuid primary key,
  order_id bigint,  -- Null: cancelled.
  kind text not null check (kind in ('created', 'updated', 'deleted', 'cancelled')),
  created_at timestamptz not null default now()
);

-- No update: the outcome of a movement never changes.
grant select, insert, delete on stock_movements to orders;
