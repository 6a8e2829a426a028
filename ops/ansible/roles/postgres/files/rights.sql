-- What roles.sql may change.
select md5(concat(
  (select string_agg(concat(rolname, rolconfig), ',' order by rolname) from pg_roles where rolname in ('airship', 'orders')),
  (select concat(datdba, datacl) from pg_database where datname = current_database()),
  (select concat(nspowner, nspacl) from pg_namespace where nspname = 'public'),
  (select string_agg(proacl::text, ',' order by oid) from pg_proc
   where pronamespace = 'pg_catalog'::regnamespace and proname in ('lo_creat', 'lo_create', 'lo_from_bytea')),
  (select string_agg(relowner::text, ',' order by oid) from pg_class
   where relnamespace = 'public'::regnamespace and relname in ('orders', 'order_details'))
)) as rights
