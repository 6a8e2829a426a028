-- The Idempotency-Key of each order that was created with one. Only one of two requests with the same key can insert
-- it.

create table idempotency_keys (
  key text primary key,
  body_sha256 bytea not null,
  order_id bigint not null,
  created_at timestamptz not null default now()
);

-- For the purge, which removes old ones.
create index idempotency_keys_created_at on idempotency_keys (created_at);

grant select, insert, delete on idempotency_keys to orders;
