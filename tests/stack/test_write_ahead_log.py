"""PostgreSQL's write-ahead log: writers wait for no large file, and for no new one where there has been an old one."""

FILES = "SELECT count(*), min(size), max(size) FROM pg_ls_waldir()"
NEXT_FILE = "SELECT pg_logical_emit_message(true, '', ''), pg_switch_wal()"
MEGABYTE = 1024 * 1024


def test_the_files_of_a_busy_hour_are_kept_in_a_quiet_one(shop):
    for _ in range(30):
        shop.postgres(NEXT_FILE)
    shop.postgres("CHECKPOINT")
    ((busy, smallest, largest),) = shop.postgres(FILES)
    assert smallest == largest == 4 * MEGABYTE and busy > 30
    for _ in range(20):
        shop.postgres(NEXT_FILE)
        shop.postgres("CHECKPOINT")
    ((quiet, _, _),) = shop.postgres(FILES)
    assert quiet >= busy
