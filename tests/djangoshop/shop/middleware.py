"""The shop's own middleware."""

from asgiref.sync import iscoroutinefunction
from django.utils.decorators import sync_and_async_middleware

from shop.gauge import Stopwatch


@sync_and_async_middleware
def receipt(get_response):
    """Starts the request's stopwatch before anything else is done for it."""
    if iscoroutinefunction(get_response):

        async def middleware(request):
            request.stopwatch = Stopwatch()
            return await get_response(request)

    else:

        def middleware(request):
            request.stopwatch = Stopwatch()
            return get_response(request)

    return middleware
