def test_x(visit, town):
    page = visit("/", lang="en")
    page = visit("/field/", who="worker_a")
    print(page.inner_text("main"))
