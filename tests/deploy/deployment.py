"""The shop on the hosts of a lab: what an operator has and does."""

import json
import os
import re
import shlex
import subprocess
from typing import NamedTuple

import certificates
from customers import EdgeConnection
from hosts_lab import Lab
from shop.load import ask
from shop.stack import ROOT

ANSIBLE = ROOT / "ops/ansible"
NAME = "shop.example.com"
RECAP = re.compile(r"^(\S+) +: ok=\d+ +changed=(\d+) +unreachable=(\d+) +failed=(\d+)", re.MULTILINE)
SECRET_NAME = re.compile(r"^(shop_\w+_password):", re.MULTILINE)


def secret(name):
    """Has all that needs quoting somewhere: in YAML, in SQL, in a password file, in a URL, in a shell."""
    return f'it\'s "{{}}" a:b\\c @%#$x {name}'


# The clients that have an API key, and their scopes.
CUSTOMER, VISITOR = "customer", "visitor"
SCOPES = {CUSTOMER: ["products:read", "products:write", "orders:read", "orders:write"], VISITOR: ["products:read"]}


# One Python on each host runs all tasks of a play. That takes a third of the time, and cannot set up a bare host.
MITOGEN = {
    "ANSIBLE_STRATEGY": "mitogen_linear",
    "ANSIBLE_STRATEGY_PLUGINS": "/usr/lib/python3/dist-packages/ansible_mitogen/plugins/strategy",
    "ANSIBLE_HOST_KEY_CHECKING": "false",  # It does not look where ssh_config says that the keys are.
}


class Play(NamedTuple):
    succeeded: bool
    changed: int  # On all hosts.
    output: str


class Deployment:
    """An inventory of ops/ansible as it is, on hosts at the addresses that it says."""

    def __init__(self, inventory, lab, folder):
        self._inventory = ANSIBLE / "inventories" / inventory
        self._folder = folder
        self.name = NAME
        self.with_mitogen = False
        listed = json.loads(self._run("ansible-inventory", "--list"))
        self._variables = listed["_meta"]["hostvars"]
        self.edges = [self._address(host) for host in listed["edge"]["hosts"]]
        self._first_app = listed["app"]["hosts"][0]
        self.lab = Lab(lab, f"{self.edges[0].rpartition('.')[0]}.0/24")
        self.certificate = certificates.make(folder, NAME)
        self.keys = {client: self._new_key(client, scopes) for client, scopes in SCOPES.items()}

    def boot(self, debs):
        self.lab.up({host: self._address(host) for host in self._variables})
        self.lab.apt.publish(debs)
        self._write_variables()

    @property
    def app(self):
        """The first application host."""
        return self.lab[self._first_app]

    def redis_cli(self, *arguments, user="admin"):
        """A command for a shell of a host with Redis."""
        password = shlex.quote(secret(f"shop_redis_{user}_password"))
        return f"REDISCLI_AUTH={password} redis-cli -s /run/redis/redis-server.sock --user {user} {' '.join(arguments)}"

    def play(self, playbook, *options, **variables):
        """Runs ansible-playbook; its output goes to ansible.log in the lab's folder, too. Until it has set up the hosts, it
        runs as an operator's does; after that with Mitogen."""
        extra = [f"--extra-vars=@{self._folder / name}" for name in ("variables.json", "vault.yml")]
        extra += [f"--extra-vars={json.dumps(variables)}", f"--vault-password-file={self._folder / 'vault-password'}"]
        command = self._command("ansible-playbook", *extra, *options, playbook)
        with (self.lab.folder / "ansible.log").open("a+", encoding="utf-8") as log:
            print(f"\n== {playbook} {options} {variables}", file=log, flush=True)
            begin = log.tell()
            streams = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": subprocess.STDOUT}
            done = subprocess.run(command, cwd=ANSIBLE, env=self._environment(), check=False, **streams)
            log.seek(begin)
            output = log.read()
        changed = sum(int(changed) for _, changed, _, _ in RECAP.findall(output))
        self.with_mitogen |= done.returncode == 0
        return Play(done.returncode == 0, changed, output)

    def connection(self, edges=None, client=CUSTOMER):
        return EdgeConnection(NAME, edges or self.edges, self.certificate.authority, self.keys.get(client))

    def ask(self, method, path, body=None, client=CUSTOMER, edges=None):
        """The status of one request on a connection of its own, and the answer's JSON. Without a client, it has no key."""
        connection = self.connection(edges, client)
        try:
            return ask(connection, method, path, body)
        finally:
            connection.close()

    def curl_settings(self):
        """Environment for the smoke test: curl knows the shop's name, and the authority of its certificate."""
        (self._folder / ".curlrc").write_text(f"resolve = {NAME}:443:{self.edges[0]}\n")
        curl = {"CURL_HOME": str(self._folder), "CURL_CA_BUNDLE": str(self.certificate.authority)}
        return curl | {"API_KEY": self.keys[CUSTOMER]}

    def _environment(self):
        """ansible keeps its connections open, by address. A host of an earlier lab may have had the same one."""
        own = {"ANSIBLE_SSH_CONTROL_PATH_DIR": str(self._folder / "ssh")}
        return os.environ | own | (MITOGEN if self.with_mitogen else {})

    def _write_variables(self):
        """What an operator adds to the inventory: the secrets in an encrypted file."""
        variables = {
            "ansible_ssh_common_args": f"-F {self.lab.ssh_config}",
            "edge_server_names": [NAME],
            "edge_tls_certificate_content": self.certificate.certificate.read_text(),
            "edge_tls_key_content": self.certificate.key.read_text(),
            "monitoring_objectives": {"availability_objective": 0.9995},
        }
        (self._folder / "variables.json").write_text(json.dumps(variables))
        names = SECRET_NAME.findall((self._inventory / "group_vars/all/vault.yml.example").read_text())
        vault, password = self._folder / "vault.yml", self._folder / "vault-password"
        keys = (self._folder / "api-keys").read_text().splitlines()
        vault.write_text(json.dumps({name: secret(name) for name in names} | {"edge_api_keys": keys}))
        password.write_text("the lab's")
        command = ["ansible-vault", "encrypt", f"--vault-password-file={password}", vault]
        subprocess.run(command, check=True, capture_output=True)

    def _new_key(self, client, scopes):
        command = [ROOT / "ops/api-keys", "add", self._folder / "api-keys", client, *scopes]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def _address(self, host):
        return self._variables[host]["ansible_host"]

    def _command(self, program, *arguments):
        return [program, "--inventory", self._inventory, *arguments]

    def _run(self, program, *arguments):
        return subprocess.run(self._command(program, *arguments), capture_output=True, text=True, check=True).stdout
