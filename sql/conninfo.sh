# shellcheck shell=bash
# Looks for passwords in a libpq connection string (section 34.1.1 of the PostgreSQL manual).

# has_password CONNINFO: whether it has `password=` or `sslpassword=`, or as a URL `user:password@`.
has_password() {
  [[ $1 =~ password[[:space:]]*= || $1 =~ ^postgres(ql)?://[^/@]*:[^/@]*@ ]]
}

# require_no_password CONNINFO: every user of the machine can read a command line. Uses the caller's fail.
require_no_password() {
  ! has_password "$1" ||
    fail "a password must not be on a command line: put it into a file of mode 0600 that passfile=... or PGPASSFILE names"
}
