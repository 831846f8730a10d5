"""The operators' pages at 1280 and 375, light and dark, to be looked at: python -m docs.screenshots_operator FOLDER"""

import base64
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from django_otp.oath import totp

from docs.screenshots import _EMBEDDED, _NARROW, _WIDE, sample, take
from tests.browser.visitor import Visitor, chromium
from tests.people import member
from tests.running import RunningSystem

PAGES = {
    "front": "/admin/",
    "tenants": "/admin/accounts/tenant/",
    "people": "/admin/accounts/user/",
    "connections": "/admin/accounts/connection/",
    "jobs": "/admin/exchange/job/",
    "switches": "/admin/exchange/switch/",
    "switch": "/admin/exchange/switch/jobs/off/",
    "deliveries": "/admin/exchange/delivery/",
    "uploads": "/admin/exchange/upload/",
    "storage": "/admin/vault/storedobject/",
    "sweep": "/admin/vault/storedobject/sweep/",
    "rings": "/admin/vault/keyring/",
    "mails": "/admin/accounts/notification/?phase=all",
    "rules": "/admin/rules/",
    "rules-policy": "/admin/rules/policy/",
    "rules-quotas": "/admin/rules/quotas/",
    "audit": "/admin/accounts/auditevent/",
    "password": "/admin/password_change/",
}
# The first row of a list, and a move of it.
DETAILS = {"tenants": "close", "people": "reissue", "connections": "", "jobs": "cancel", "deliveries": "", "rings": "",
           "audit": ""}  # fmt: skip


def code_of(address: str) -> str:
    """The code that an authenticator shows now for an otpauth address."""
    secret = parse_qs(urlsplit(address).query)["secret"][0]
    return f"{totp(base64.b32decode(secret + '=' * (-len(secret) % 8))):06d}"


def sign_in(window: Visitor, operator: dict[str, str]) -> None:
    """With both factors; a code serves once, so the next window waits for the next one."""
    window.open("/admin/")
    window.page.fill("[name=username]", operator["username"])
    window.page.fill("[name=password]", operator["password"])
    window.page.fill("[name=otp_token]", code_of(operator["totp"]))
    window.page.click("main button")
    window.see("nav.pages")


def look(window: Visitor, name: str, target: Path) -> None:
    """Every page in one window."""
    for page, path in PAGES.items():
        window.open(path)
        take(window, target / f"{page}-{name}.png", full=True)
        if page not in DETAILS:
            continue
        first = window.page.query_selector("table tbody a")
        if first is None:
            continue
        first.click()
        window.see(".facts")
        detail = urlsplit(window.page.url).path
        take(window, target / f"{page}-detail-{name}.png", full=True)
        if DETAILS[page]:
            window.open(f"{detail}{DETAILS[page]}/")
            take(window, target / f"{page}-move-{name}.png", full=True)
        if page == "tenants":
            tenant = detail.rstrip("/").rpartition("/")[2]
            for rules, place in (("policy", ""), ("policy", "change/"), ("quotas", "")):
                window.open(f"/admin/rules/{rules}/{tenant}/{place}")
                take(window, target / f"rules-{rules}-of{place.strip('/')}-{name}.png", full=True)
            window.open(f"/admin/accounts/auditevent/?organisation={tenant}&event=session")
            take(window, target / f"audit-of-{name}.png", full=True)
    assert window.faults == [], window.faults


def main() -> None:
    """Start a system, fill it, take the pictures."""
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sealpost-screenshots-") as name:
        folder = Path(name)
        system = RunningSystem(folder / "data", dict(_EMBEDDED))
        system.start()
        try:
            ana, ben = (member(system, system.people[number], folder / str(number)) for number in (0, 1))
            sample(ana, ben, folder)
            operator = system.manage("operator_create", "ops")
            with chromium() as browser:
                for width, viewport in (("1280", _WIDE), ("375", _NARROW)):
                    for scheme in ("light", "dark"):
                        window = Visitor(browser.new_context(viewport=viewport, color_scheme=scheme), ana.url)
                        window.open("/admin/login/")
                        take(window, target / f"login-{width}-{scheme}.png", full=True)
                        sign_in(window, operator)
                        look(window, f"{width}-{scheme}", target)
                        time.sleep(31)
        finally:
            system.stop()


if __name__ == "__main__":
    main()
