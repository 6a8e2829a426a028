"""What Prometheus' exporters show of a stack."""

import json
import subprocess
import urllib.request

from shop.client import Client
from shop.redis_users import PASSWORDS, denied, granted, login, set_user, used
from shop.samples import make_order, make_product
from shop.stack import free_port, wait_for

SHOWN = (
    "shop_http_requests_total",
    "shop_http_request_duration_seconds_bucket",
    "shop_log_events_total",
    "shop_pool_workers",
    "shop_events",
)


def test_the_user_metrics_may_do_what_is_asked_of_redis_and_no_more(shop, metrics, tmp_path):
    make_product(Client(shop.port))
    make_order(Client(shop.port))
    set_user(shop.redis, "metrics")
    shop.redis.config_resetstat()
    shop.redis.acl_log_reset()
    try:
        assert metrics.run(**login(tmp_path, "metrics")) == (0, "")
        address, port = f"unix://{shop.run_dir}/redis/redis.sock", free_port()
        (tmp_path / "passwords").write_text(json.dumps({address: PASSWORDS["metrics"]}))
        options = [f"--redis.addr={address}", "--redis.user=metrics", f"--redis.password-file={tmp_path}/passwords"]
        options += ["--config-command=-", "--set-client-name=false", f"--web.listen-address=127.0.0.1:{port}"]
        assert "\nredis_up 1\n" in answer_of("prometheus-redis-exporter", *options, port=port)
        assert denied(shop.redis) == []
        assert granted("metrics") - used(shop.redis) == {"ping"}  # Only of a Redis that has refused another question.
    finally:
        shop.redis.execute_command("ACL", "DELUSER", "metrics")


def test_a_node_exporter_shows_them(shop, metrics):
    metrics.collect()
    port = free_port()
    options = ["--collector.disable-defaults", "--collector.textfile", f"--web.listen-address=127.0.0.1:{port}"]
    options += [f"--collector.textfile.directory={metrics.folder}"]
    text = answer_of("prometheus-node-exporter", *options, port=port)
    assert "node_textfile_scrape_error 0" in text
    for name in SHOWN:
        assert f"\n{name}" in text, name


def answer_of(*exporter, port):
    with subprocess.Popen(exporter, stderr=subprocess.DEVNULL) as process:
        try:
            return wait_for(lambda: scraped(port), "the exporter answers")
        finally:
            process.terminate()


def scraped(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            return answer.read().decode()
    except OSError:
        return None
