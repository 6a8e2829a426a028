-- The roles, the database's owner, and what is revoked from all others. Runs each time before the migrations. It
-- changes only what is missing, so only the first run needs a superuser. If a later version adds to it, a run as
-- airship warns.
--
-- airship  owns the database and its tables; migrations run as it.
-- orders   is the role of the orders workers and the reconciler. Each migration grants it what they need. It has none
--          of the rights that PostgreSQL gives to everybody: temporary tables and large objects would fill the disk.

begin;

do $$
declare
  role_name text;
  table_name regclass;
  function_name regprocedure;
begin
  foreach role_name in array array['airship', 'orders'] loop
    if not exists (select from pg_roles where rolname = role_name) then
      begin
        execute format('create role %I login', role_name);
        -- The Python shop's columns have no time zone, and its times are in UTC.
        execute format('alter role %I set timezone = %L', role_name, 'UTC');
      exception when duplicate_object or unique_violation then
        null;  -- Roles belong to the whole server: a run on another of its databases was faster.
      end;
    end if;
  end loop;

  if (select datdba::regrole::text from pg_database where datname = current_database()) <> 'airship' then
    execute format('alter database %I owner to airship', current_database());
    execute format('grant connect on database %I to orders', current_database());
  end if;
  if has_database_privilege('public', current_database(), 'connect, temporary') then
    execute format('revoke all on database %I from public', current_database());
  end if;
  if has_schema_privilege('public', 'public', 'create, usage') then
    revoke all on schema public from public;
  end if;
  if not has_schema_privilege('airship', 'public', 'create') then
    grant create, usage on schema public to airship;
  end if;
  if not has_schema_privilege('orders', 'public', 'usage') then
    grant usage on schema public to orders;
  end if;
  for function_name in
    select oid from pg_proc
    where pronamespace = 'pg_catalog'::regnamespace and proname in ('lo_creat', 'lo_create', 'lo_from_bytea')
      and has_function_privilege('public', oid, 'execute')
  loop
    execute format('revoke execute on function %s from public', function_name);
  end loop;

  -- The Python shop's tables belong to the role that it logged in as. Their sequences change the owner with them.
  for table_name in
    select oid from pg_class
    where relnamespace = 'public'::regnamespace and relname in ('orders', 'order_details') and relkind = 'r'
      and relowner <> 'airship'::regrole
  loop
    execute format('alter table %s owner to airship', table_name);
  end loop;
end
$$;

commit;
