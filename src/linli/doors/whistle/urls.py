from django.urls import URLPattern, URLResolver

app_name = "whistle"
urlpatterns: list[URLPattern | URLResolver] = []
