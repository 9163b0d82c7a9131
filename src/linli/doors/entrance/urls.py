"""/accounts/…: the entrance. Names without a namespace are those allauth looks for."""

from allauth.account.views import account_inactive, logout, reauthenticate
from django.urls import include, path

from linli.doors.entrance import oidc, own_data, views

urlpatterns = [
    path("login/", views.SignIn.as_view(), name="account_login"),
    path("logout/", logout, name="account_logout"),
    path("signed-out/", views.signed_out, name="entrance_signed_out"),
    path("staff/", oidc.start, name="entrance_oidc"),
    path("staff/cancelled/", oidc.cancelled, name="socialaccount_login_cancelled"),
    path("staff/<slug:provider_id>/back/", oidc.callback, name="openid_connect_callback"),
    path("inactive/", account_inactive, name="account_inactive"),
    path("register/", views.register, name="account_signup"),
    path("confirm/", reauthenticate, name="account_reauthenticate"),
    path("password/", views.ChangePassword.as_view(), name="account_change_password"),
    path("password/set/", views.elsewhere, name="account_set_password"),
    path("email/", views.elsewhere, name="account_email"),
    path("demo/", views.demo_sign_in, name="entrance_demo"),
    path("me/", views.me, name="entrance_me"),
    path("me/data/", own_data.own_data, name="entrance_data"),
    path("me/data/copy/", own_data.take_copy, name="entrance_copy"),
    path("me/data/forget/", own_data.forget, name="entrance_forget"),
    path("me/language/", views.change_language, name="entrance_language"),
    path("me/phone/", views.change_phone, name="entrance_phone"),
    path("me/posts/<int:post_id>/deputy/", views.deputise, name="entrance_deputise"),
    path("me/posts/<int:post_id>/back/", views.undeputise, name="entrance_undeputise"),
    path("two-factor/authenticate/", views.SecondFactor.as_view(), name="mfa_authenticate"),
    path("two-factor/", include("allauth.mfa.urls")),
]
