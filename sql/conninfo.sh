# shellcheck shell=bash
# What must not be in a libpq connection string (section 34.1.1 of the PostgreSQL manual).

# Whether it has a password: `password=` or `sslpassword=`, or in a URL `user:password@`.
has_password() {
  [[ $1 =~ password[[:space:]]*= || $1 =~ ^postgres(ql)?://[^/@]*:[^/@]*@ ]]
}

# require_no_password CONNINFO: a command line is for every user of the machine to see. Uses the caller's fail.
require_no_password() {
  ! has_password "$1" ||
    fail "a password must not be on a command line: put it into a file of mode 0600 that passfile=... or PGPASSFILE names"
}
