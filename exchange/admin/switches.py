"""Draining the workers, and switching one step off everywhere."""

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe

from exchange.errors import SwitchUnknown
from exchange.models import Switch
from exchange.services import switch_off, switch_on
from exchange.steps.base import registered
from exchange.switched import JOBS, step_switch, switched_off
from vault.admin.pages import OperatorPage, list_address

_DRAIN = "Workers end the jobs that they have and take no others, until it is switched on. What people send is kept."
_STEP = "No message is sent with this step, and a job that comes to it is held. Held ones are tried again afterwards."


class SwitchPage(OperatorPage):
    codes = ("switches", "switches")

    def owners(self, rows: Iterable[Any]) -> set[str]:
        return set()  # the platform's own

    def get_urls(self) -> list[URLPattern]:
        """One page and the two ways of each switch."""
        view = self.admin_site.admin_view
        return [
            path("", view(require_safe(self.list_view)), name="exchange_switch_changelist"),
            path("<str:name>/<slug:way>/", view(self.turn_view), name="exchange_switch_turn"),
        ]

    def list_view(self, request: HttpRequest) -> HttpResponse:
        return self.render(request, "operator/switches.html", "Switches", switches=_switches())

    def turn_view(self, request: HttpRequest, name: str, way: str) -> HttpResponse:
        """Ask, and on POST switch."""
        switch = next((one for one in _switches() if one["name"] == name and one["way"] == way), None)
        if switch is None:
            raise Http404
        if request.method != "POST":
            return self.render(
                request, "operator/switch.html", switch["action"], switch=switch, back=list_address(Switch)
            )
        try:
            self.message_user(request, _turn(name, way, self.operator(request)))
        except SwitchUnknown as error:
            raise Http404 from error
        return HttpResponseRedirect(list_address(Switch))


def off_said() -> list[str]:
    """What is switched off, a sentence each."""
    titles = {step_switch(name): model.title for name, model in registered().items()}
    return [
        "Workers take no jobs just now." if name == JOBS else f"Switched off: {titles.get(name, name)}."
        for name in sorted(switched_off())
    ]


def _turn(name: str, way: str, operator: str) -> str:
    if way == "off":
        switch_off(name=name, operator=operator)
        return "Switched off, for everybody."
    return f"Switched on. {switch_on(name=name, operator=operator)} jobs go on."


def _switches() -> list[dict[str, Any]]:
    """Every switch that there is, how it stands and which way it can be turned."""
    off = {row.name: row for row in Switch.objects.all()}
    known = [(JOBS, "Taking of jobs", _DRAIN)]
    known += [(step_switch(name), f"Step “{model.title}”", _STEP) for name, model in sorted(registered().items())]
    switches = []
    for name, title, text in known:
        way = "on" if name in off else "off"
        switches.append(
            {
                "name": name,
                "title": title,
                "text": text,
                "row": off.get(name),
                "way": way,
                "action": f"{title}: switch {way}",
                "address": reverse("admin:exchange_switch_turn", args=[name, way]),
            }
        )
    return switches
