"""What the objects of frameworks have, and what frameworks call functions of the program with: data alone."""

from __future__ import annotations

_APPLICATIONS = ("fastapi.FastAPI", "starlette.applications.Starlette")
ATTRIBUTES = {
    **dict.fromkeys(("fastapi.Request.app", "fastapi.WebSocket.app"), _APPLICATIONS),
    **dict.fromkeys(("starlette.requests.Request.app", "fastapi.requests.Request.app"), _APPLICATIONS),
    **dict.fromkeys(
        ("aiohttp.web.Request.app", "aiohttp.web.Request.config_dict"), ("aiohttp.web.Application",)
    ),
    "flask.current_app": ("flask.Flask",),
    "quart.current_app": ("quart.Quart",),
    "sanic.Request.app": ("sanic.Sanic",),
}
"""Of which class an attribute of something in a library is."""

FIELDS = {
    *(
        "traitlets.Instance",
        "traitlets.traitlets.Instance",
        "traits.api.Instance",
        "traits.trait_types.Instance",
    ),
    *("django.db.models.ForeignKey", "django.db.models.OneToOneField", "peewee.ForeignKeyField"),
    *("django.db.models.fields.related.ForeignKey", "django.db.models.fields.related.OneToOneField"),
    *("mongoengine.ReferenceField", "mongoengine.fields.ReferenceField"),
    *("mongoengine.EmbeddedDocumentField", "mongoengine.fields.EmbeddedDocumentField"),
}
"""In the body of a class, stand for an instance of the class that is their first argument, or that ``klass`` or ``to``
names, in each of its instances.
"""

PROVIDING, CLOSING = {"dependency_injector.wiring.Provide"}, {"dependency_injector.wiring.Closing"}
"""Name, in brackets, the provider that fills a parameter; and what stands around that."""

HANDLER_DECORATORS = {"exception_handler", "errorhandler", "app_errorhandler", "error_handler"}
"""Methods of an application that make a function its handler of an exception."""

TYPED_KEYS = {
    f"aiohttp.{module}.{name}"
    for module in ("web", "helpers")
    for name in ("AppKey", "RequestKey", "ResponseKey")
}
"""Keys whose second argument is the type of what is kept under them."""

WITH_LIFESPAN = {
    f"{module}.{name}"
    for module in (
        "fastapi",
        "fastapi.requests",
        "fastapi.websockets",
        "starlette.requests",
        "starlette.websockets",
    )
    for name in ("Request", "WebSocket")
}
"""Have in their ``state`` what the lifespan of their application yields."""

SUPPLIED = {
    "click.pass_context": ("click.Context", ""),
    "click.decorators.pass_context": ("click.Context", ""),
    "click.pass_obj": ("click.Context", "obj"),
    "click.decorators.pass_obj": ("click.Context", "obj"),
}
"""What a decorator gives as the first argument: something of that class, or an attribute of it."""

_VERBS = ("get", "post", "put", "patch", "delete", "head", "options")
REQUESTS = {
    **dict.fromkeys(("aiohttp.web.RouteTableDef", "aiohttp.web.Application"), "aiohttp.web.Request"),
    **dict.fromkeys(("sanic.Sanic", "sanic.Blueprint"), "sanic.Request"),
    **dict.fromkeys(("starlette.applications.Starlette", "fastapi.FastAPI"), "starlette.requests.Request"),
}
"""What a function that a method of the class decorates or is given as a route gets first, unless annotated."""

LISTENING = {
    "aiohttp.web.Application": {"on_startup", "on_shutdown", "on_cleanup", "cleanup_ctx"},
    "sanic.Sanic": {
        *("before_server_start", "after_server_start", "before_server_stop", "after_server_stop"),
        *("main_process_start", "main_process_ready", "main_process_stop", "listener", "register_listener"),
    },
}
"""What of an application has a function called with the application itself."""

GIVING_TO_LIFESPANS = set(_APPLICATIONS)
"""Call what they are given as ``lifespan`` with the application that they make."""

GIVEN_TO_METHODS = {
    "starlette.middleware.base.BaseHTTPMiddleware.dispatch": "starlette.requests.Request",
    **{f"starlette.endpoints.HTTPEndpoint.{verb}": "starlette.requests.Request" for verb in _VERBS},
}
"""What a method that a class of a library demands is given first."""

GIVEN_BY_CONVENTION = {"init_app": "flask.Flask"}
"""What a function of that name is given first, as extensions of a framework are written."""

NAMESPACES = {"flask.g", "quart.g"}
"""Have methods of a dictionary, by which their attributes are read."""

ROUTING = {
    **{f"aiohttp.web.{verb}": "aiohttp.web.Request" for verb in (*_VERBS, "route")},
    "starlette.routing.Route": "starlette.requests.Request",
}
"""Make a route; what the function that they are given gets first, unless annotated."""
