from django.apps import AppConfig


class HouseConfig(AppConfig):
    name = "linli.house"
    label = "house"
