"""In a real browser, under the strict policy: the map draws, pages are accessible, nothing typed is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings
from playwright.sync_api import Browser, Page, Route

from linli.kernel.web import shots
from linli.kernel.web.tests import basemaps
from linli.kernel.web.tests.serving import note_problems, serving

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The style guide on a port of its own; needs no database."""
    maps: Path = tmp_path_factory.mktemp("maps")
    basemaps.write(maps / "base.pmtiles")
    own = override_settings(STYLE_GUIDE=True, MAPS_ROOT=maps, ROOT_URLCONF="linli.kernel.web.tests.urls")
    with own, serving() as address:
        yield address


def visit(chromium: Browser, house: str, path: str, **choices: object) -> tuple[Page, list[str]]:
    page = shots.context(chromium, house, **choices).new_page()  # type: ignore[arg-type]
    problems = note_problems(page)
    page.goto(house + path)
    shots.settle(page)
    return page, problems


@pytest.mark.parametrize("lang", ["zh-hans", "en"])
def test_the_map_draws_under_the_strict_policy(chromium: Browser, house: str, lang: str) -> None:
    page, problems = visit(chromium, house, "/design/map/", lang=lang)
    answer = page.request.get(house + "/design/map/")
    policy = answer.headers["content-security-policy"]
    assert "'unsafe" not in policy
    assert "script-src 'self'" in policy
    assert page.locator("linli-map").get_attribute("data-ready") == "map"
    drawn = page.evaluate(
        """() => { const map = document.querySelector('linli-map').map;
        return {base: map.queryRenderedFeatures({layers: ['label', 'green']}).map(f => f.layer.id),
                grids: map.queryRenderedFeatures({layers: ['grid-fill']}).length,
                names: map.queryRenderedFeatures({layers: ['grid-name']}).length,
                cases: map.queryRenderedFeatures({layers: ['case', 'case-cluster']}).length}; }"""
    )
    assert {"label", "green"} <= set(drawn["base"])  # words without any font server
    assert drawn["grids"] >= 2
    assert drawn["names"] >= 1
    assert drawn["cases"] >= 3
    assert problems == []
    page.context.close()


def test_modules_are_served_as_javascript(chromium: Browser, house: str) -> None:
    page, _ = visit(chromium, house, "/design/map/")
    addresses = page.evaluate("() => performance.getEntriesByType('resource').map((entry) => entry.name)")
    modules = [address for address in addresses if address.endswith(".mjs")]
    assert modules
    for address in modules:
        assert page.request.get(address).headers["content-type"].startswith("text/javascript")
    page.context.close()


def test_the_pin_goes_where_the_arrow_keys_and_the_finger_say(chromium: Browser, house: str) -> None:
    page, _ = visit(chromium, house, "/design/map/")
    before = page.evaluate("() => document.querySelector('linli-map').point")
    page.focus(".ll-pin")
    page.keyboard.press("ArrowRight")
    after = page.evaluate("() => document.querySelector('linli-map').point")
    assert after[0] > before[0]
    assert page.input_value("#lng") == f"{after[0]:.7f}"
    # The first tap after moving hits free ground: no case within reach of the upper left corner.
    page.locator("linli-map canvas").tap(position={"x": 150, "y": 60})
    tapped = page.evaluate("() => document.querySelector('linli-map').point")
    assert tapped != after
    page.context.close()


def test_without_webgl_coordinates_can_be_typed(chromium: Browser, house: str) -> None:
    page = shots.context(chromium, house).new_page()
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    page.goto(house + "/design/map/")
    page.wait_for_selector("linli-map[data-ready=plain]")
    inputs = page.locator("linli-map input")
    inputs.nth(0).fill("27.7")
    inputs.nth(1).fill("113.14")
    page.click("linli-map button")
    assert "写反" in page.inner_text("linli-map [role=alert]")
    inputs.nth(0).fill("113.14")
    inputs.nth(1).fill("27.7")
    page.click("linli-map button")
    assert page.input_value("#lat") == "27.7000000"
    page.context.close()


@pytest.mark.parametrize(
    ("path", "choices"),
    [
        ("", {}),
        ("", {"theme": "dark", "lang": "en", "width": 1440}),
        ("portal/", {"elder": True}),
        ("portal/", {"theme": "dark", "lang": "en"}),
        ("forms/", {}),
        ("map/", {}),
        ("field/", {"theme": "sun"}),
        ("field/", {"theme": "night", "lang": "en"}),
        ("desk/?case=1", {"width": 1440}),
        ("desk/", {"theme": "dark", "lang": "en"}),
        ("command/", {"width": 1440}),
        ("admin/", {"width": 1440, "lang": "en"}),
        ("entrance/", {"theme": "dark"}),
        ("409/", {"width": 1440, "theme": "dark"}),
        ("empty/", {}),
    ],
)
def test_sample_pages_are_accessible_and_fit_the_screen(
    chromium: Browser, house: str, path: str, choices: dict[str, object]
) -> None:
    page, problems = visit(chromium, house, f"/design/{path}", **choices)
    assert shots.axe(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= int(str(choices.get("width", 390)))
    assert [problem for problem in problems if "409" not in problem] == []
    page.context.close()


def test_elder_mode_is_large(chromium: Browser, house: str) -> None:
    page, _ = visit(chromium, house, "/design/portal/", elder=True)
    small = page.evaluate(
        """() => [...document.querySelectorAll('main a, main button, header button, header summary, nav a')]
        .filter((e) => e.getClientRects().length && e.getBoundingClientRect().height < 60)
        .map((e) => e.outerHTML.slice(0, 80))"""
    )
    assert small == []
    tiny = page.evaluate(
        """() => [...document.querySelectorAll('body *')].filter((e) => e.getClientRects().length && [...e.childNodes]
        .some((n) => n.nodeType === 3 && n.textContent.trim()) && parseFloat(getComputedStyle(e).fontSize) < 20)
        .map((e) => e.textContent.trim().slice(0, 40))"""
    )
    assert tiny == []
    page.context.close()


def test_what_was_typed_survives_a_reload_and_a_lost_connection(chromium: Browser, house: str) -> None:
    page, _ = visit(chromium, house, "/design/forms/")
    page.fill("form[data-draft] [name=words]", "井盖裂了，两位老人绊倒")
    page.check("form[data-draft] [value=danger]")
    page.wait_for_timeout(600)
    page.reload()
    page.wait_for_selector("form[data-draft] .ll-note")
    assert page.input_value("form[data-draft] [name=words]") == "井盖裂了，两位老人绊倒"
    assert page.is_checked("form[data-draft] [value=danger]")
    page.context.set_offline(True)
    page.evaluate("() => { document.querySelector('form[data-draft]').noValidate = true; }")
    page.evaluate("() => document.querySelector('form[data-draft]').requestSubmit()")
    page.wait_for_selector(".ll-toast")
    assert "存在本机" in page.inner_text(".ll-toast")
    assert page.input_value("form[data-draft] [name=words]") == "井盖裂了，两位老人绊倒"
    page.context.close()


def test_photos_are_shrunk_and_can_be_removed(chromium: Browser, house: str, tmp_path: Path) -> None:
    from PIL import Image

    Image.effect_noise((3000, 2000), 60).convert("RGB").save(tmp_path / "big.jpg", quality=95)
    (tmp_path / "no.txt").write_text("no photo")
    page, problems = visit(chromium, house, "/design/forms/")
    page.set_input_files("[data-photos] input[type=file]", [tmp_path / "big.jpg", tmp_path / "no.txt"])
    page.wait_for_selector(".ll-upload-item img")
    size = page.evaluate(
        """async () => { const [photo] = document.querySelector('[data-photos]').photos.photos;
        const picture = await createImageBitmap(photo.blob); return [picture.width, picture.height]; }"""
    )
    assert size == [2048, 1365]
    assert "不是照片" in page.inner_text("[data-photos] .ll-error")
    page.click(".ll-upload-tools button:last-child")
    assert page.locator(".ll-upload-item").count() == 0
    assert problems == []
    page.context.close()


def test_a_photo_chosen_before_the_script_came_is_kept(chromium: Browser, house: str, tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (300, 200), "green").save(tmp_path / "quick.jpg")
    page = shots.context(chromium, house).new_page()
    held: list[Route] = []
    page.route("**/web/js/photos*.js", lambda route: held.append(route))
    page.goto(house + "/design/forms/", wait_until="domcontentloaded")
    page.set_input_files("[data-photos] input[type=file]", tmp_path / "quick.jpg")
    while not held:
        page.wait_for_timeout(50)
    held[0].continue_()
    page.wait_for_selector(".ll-upload-item img")
    page.context.close()


def test_a_polygon_can_be_drawn_edited_and_cut(chromium: Browser, house: str) -> None:
    page, problems = visit(chromium, house, "/design/map/", width=1440, height=900)
    page.evaluate(
        """async () => {
        const map = document.querySelector('linli-map');
        map.removeAttribute('pin-edit');
        window.drawn = [];
        map.addEventListener('linli:drawn', (event) => window.drawn.push(event.detail));
        const script = document.querySelector('script[src$="web/js/app.js"]').src;
        const { Draw } = await import(script.replace('app.js', 'draw.js'));
        window.draw = await Draw.on(map);
        window.draw.polygon();
        }"""
    )
    box = page.locator("linli-map canvas").first.bounding_box()
    assert box
    corners = [(120, 90), (260, 90), (260, 220), (120, 220)]  # clear of the pin
    for x, y in [*corners, corners[-1]]:
        page.mouse.move(box["x"] + x, box["y"] + y)
        page.mouse.click(box["x"] + x, box["y"] + y)
        page.wait_for_timeout(400)
    page.wait_for_function("() => window.drawn.length === 1")
    drawn = page.evaluate("() => window.drawn[0]")
    assert drawn["kind"] == "polygon"
    ring = drawn["feature"]["geometry"]["coordinates"][0]
    assert len(ring) == 5
    assert ring[0] == ring[-1]
    page.evaluate("(feature) => { window.draw.clear(); window.draw.edit(feature); }", drawn["feature"])
    assert page.evaluate("() => window.draw.features().length") == 1
    page.evaluate("() => window.draw.line()")
    for x, y in [(80, 150), (285, 160), (285, 160)]:
        page.mouse.move(box["x"] + x, box["y"] + y)
        page.mouse.click(box["x"] + x, box["y"] + y)
        page.wait_for_timeout(400)
    page.wait_for_function("() => window.drawn.some((one) => one.kind === 'line')")
    assert problems == []
    page.context.close()


def test_alpine_starts_under_the_strict_policy(chromium: Browser, house: str) -> None:
    page, problems = visit(chromium, house, "/design/portal/")
    words = page.evaluate(
        """async () => {
        const script = document.querySelector('script[src$="web/js/app.js"]').src;
        const alpine = (await import(script.replace('app.js', 'alpine.js'))).default;
        alpine.data('greeting', () => ({ words: '你好' }));
        const part = document.createElement('div');
        part.innerHTML = '<p x-data="greeting"><span x-text="words"></span></p>';
        document.getElementById('main').append(part);
        await new Promise((done) => setTimeout(done, 300));
        return part.textContent; }"""
    )
    assert words == "你好"
    assert problems == []
    page.context.close()


def test_photos_open_large_and_suggestions_can_be_chosen(chromium: Browser, house: str) -> None:
    page, problems = visit(chromium, house, "/design/desk/?case=1", width=1440)
    page.click("#drawer .ll-photos a >> nth=0")
    assert page.inner_text("dialog.ll-lightbox .ll-num") == "1/3"
    page.keyboard.press("ArrowRight")
    assert page.inner_text("dialog.ll-lightbox .ll-num") == "2/3"
    page.keyboard.press("Escape")
    page.goto(house + "/design/forms/")
    page.fill("form[data-draft] [name=words]", "井盖")
    page.click("[role=option] >> nth=1")
    assert page.input_value("[name=item]") == "1"
    assert problems == []
    page.context.close()


def test_the_keyboard_walks_the_list_and_opens_the_sheet(chromium: Browser, house: str) -> None:
    page, _ = visit(chromium, house, "/design/desk/?case=1", width=1440)
    page.keyboard.press("j")
    assert "飞线" in page.inner_text("tr.is-current")
    page.keyboard.press("k")
    page.keyboard.press("k")
    assert "窨井盖" in page.inner_text("tr.is-current")
    page.keyboard.press("?")
    assert "派遣" in page.inner_text("#key-sheet")
    page.context.close()


def test_colours_change_without_a_reload(chromium: Browser, house: str) -> None:
    page, problems = visit(chromium, house, "/design/portal/")
    page.click("details[data-menu] summary")
    with page.expect_response(lambda answer: "/choice/theme" in answer.url):
        page.click("button[name=theme][value=dark]")
    page.wait_for_function("() => document.documentElement.dataset.bsTheme === 'dark'")
    page.reload()
    assert page.get_attribute("html", "data-bs-theme") == "dark"
    assert problems == []
    page.context.close()


def test_the_first_load_of_a_phone_page_is_light() -> None:
    """Styles, htmx, icons and the scripts of a form page, compressed as they are sent: under 170 kB of the 200."""
    import gzip

    from linli.kernel.web import vendoring

    static = vendoring.HERE / "static"
    names = [
        "vendor/tabler/tabler.min.css",
        "vendor/htmx/htmx.min.js",
        "vendor/tabler-icons/sprite.svg",
        "vendor/idb/idb.js",
        *(f"web/{name}.css" for name in ("tokens", "linli", "components")),
        *(
            f"web/js/{name}.js"
            for name in (
                "app",
                "words",
                "theme",
                "photos",
                "exif",
                "draft",
                "suggest",
                "net",
                "map",
                "map_parts",
                "map_layers",
            )
        ),
    ]
    weight = sum(len(gzip.compress((static / name).read_bytes(), 9)) for name in names)
    assert weight < 170_000
