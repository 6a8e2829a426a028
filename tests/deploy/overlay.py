"""A root of its own over a base that many share."""

import subprocess

# What is in it need not outlive this machine: "volatile" leaves out the syncs that dpkg and stores ask for. They would
# hold up all that is at work on the machine's disk.
OPTIONS = "volatile,lowerdir={base},upperdir={folder}/upper,workdir={folder}/work"


def mount_over(base, folder):
    """Mounts `folder`/root and returns it. What is changed there lies in `folder`, and `base` stays as it is."""
    for part in ("upper", "work", "root"):
        (folder / part).mkdir(parents=True)
    command = ["mount", "-t", "overlay", "-o", OPTIONS.format(base=base, folder=folder), "overlay", folder / "root"]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "root"
