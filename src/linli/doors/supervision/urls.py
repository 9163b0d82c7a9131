"""Supervision: the register, proposals, one order, tasks, and what operators set."""

from django.urls import path

from linli.doors.supervision.views import issuing, order, proposals, register, settings, tasks

app_name = "supervision"
urlpatterns = [
    path("", register.register, name="register"),
    path("export/", register.export, name="export"),
    path("new/", issuing.create, name="new"),
    path("proposals/", proposals.index, name="proposals"),
    path("proposals/<int:proposal_id>/<slug:what>/", proposals.decide, name="decide"),
    path("settings/", settings.rules, name="settings"),
    path("settings/lights/", settings.lights, name="lights"),
    path("tasks/", tasks.index, name="tasks"),
    path("tasks/new/", tasks.create, name="task_new"),
    path("tasks/<int:task_id>/", tasks.show, name="task"),
    path("tasks/<int:task_id>/edit/", tasks.edit, name="task_edit"),
    path("tasks/<int:task_id>/stop/", tasks.stop, name="task_stop"),
    path("tasks/<int:task_id>/proof/<uuid:uid>/", tasks.proof, name="task_proof"),
    path("<int:order_id>/", order.show, name="order"),
    path("<int:order_id>/send/", issuing.send, name="send"),
    path("<int:order_id>/sheet/", order.sheet, name="sheet"),
    path("<int:order_id>/evidence/<uuid:uid>/", order.evidence, name="evidence"),
    path("<int:order_id>/<slug:step>/", order.step, name="step"),
]
