"""Every third page in a real browser, beginning with the second (see `pages`)."""

from __future__ import annotations

from tests.browser.pages import of_part

test_a_page_is_accessible_fits_and_is_silent = of_part(1)
