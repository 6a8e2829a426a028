"""Redis' users and their rights, as ops/redis/users.acl has them."""

import hashlib
import re
from pathlib import Path

from shop.stack import ROOT

RULES = (ROOT / "ops/redis/users.acl").read_text()
PASSWORDS = {user: f"s3cret of {user}" for user in ("products", "orders", "ops", "metrics")}


def rules():
    """The lines of the file, with the passwords of these tests."""
    text = RULES
    for user, password in PASSWORDS.items():
        text = text.replace(f"@{user.upper()}_SHA256@", hashlib.sha256(password.encode()).hexdigest())
    assert "@" not in text
    return text.splitlines()


def set_user(redis, name):
    """Gives a user the rights of the file, in a Redis that runs."""
    (words,) = [line.split() for line in rules() if line.startswith(f"user {name} ")]
    redis.execute_command("ACL", "SETUSER", *glued(words[1:]))


def glued(words):
    """The words, with each selector, "(...)", as one."""
    return [word.replace("\0", " ") for word in re.sub(r"\([^)]*\)", spaces_kept, " ".join(words)).split(" ")]


def spaces_kept(match):
    return match.group().replace(" ", "\0")


def login(folder, user, password=None):
    """The settings with which a program logs in as the user. The password's file is in the folder."""
    file = Path(folder) / f"password-of-{user}"
    file.write_text((password or PASSWORDS[user]) + "\n")
    return {"REDIS_USERNAME": user, "REDIS_PASSWORD_FILE": str(file)}


def granted(*users):
    """The commands that the users may use."""
    lines = [line for line in RULES.splitlines() if line.split()[1] in users]
    return {command for line in lines for command in re.findall(r"\+([a-z|]+)", line)}


def used(redis):
    """The commands that Redis has run, those in scripts too, since CONFIG RESETSTAT."""
    return {name.removeprefix("cmdstat_") for name in redis.info("commandstats")}


def denied(redis):
    """What Redis has refused, as text."""
    return [f"{entry['username']}: {entry['reason']} {entry['object']}" for entry in redis.acl_log()]
