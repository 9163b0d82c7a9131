"""Who answers for what: accounts, units, posts and the responsibility matrix.

Rights never hang on a person but on the *posts* a person holds: what the kind of post may do, for the
subtree of places or the unit it is held for, for the kinds of matter it covers (`rules`, `rights`).
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from linli.kernel import clock
from linli.rooms.places.models import Place


def in_language(name_zh: str, name_en: str) -> str:
    """Of two names the one in the reader's language; the Chinese one where no English one was given."""
    return name_en if name_en and (get_language() or "zh").startswith("en") else name_zh


class AdminRole(models.TextChoices):
    """The three exclusive administrators (三员分立, GB/T 22239 level 3)."""

    NONE = "", _("无")
    SYSTEM = "system", _("系统管理员")
    SECURITY = "security", _("安全管理员")
    AUDIT = "audit", _("审计管理员")


class AccountManager(BaseUserManager["Account"]):
    def create_user(self, username: str, password: str | None = None, **extra: Any) -> Account:
        """Make and save an account; the password is hashed, or unusable when None."""
        account = self.model(username=self.model.normalize_username(username), **extra)
        account.set_password(password)
        account.save(using=self._db)
        return account

    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(username__iexact=username)


class Account(AbstractBaseUser):
    """Somebody who signs in: a staff member, a resident, or one of the three administrators."""

    class Kind(models.TextChoices):
        STAFF = "staff", _("工作人员")
        RESIDENT = "resident", _("居民")
        SERVICE = "service", _("系统接口")

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    username = models.CharField(_("用户名"), max_length=64, unique=True)
    name = models.CharField(_("姓名"), max_length=64)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.STAFF)
    admin_role = models.CharField(max_length=10, choices=AdminRole, default=AdminRole.NONE, blank=True)
    email = models.EmailField(blank=True, default="")
    phone_sealed = models.BinaryField(null=True, editable=False)
    phone_index = models.BinaryField(null=True, editable=False, max_length=16)
    language = models.CharField(max_length=10, default="zh-hans")
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False, help_text=_("初始密码由管理员给出，首次登录须修改"))
    date_joined = models.DateTimeField(default=clock.now)

    objects = AccountManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="staff") | Q(admin_role=""), name="account_resident_is_no_administrator"
            ),
            models.UniqueConstraint(Lower("username"), name="account_username_any_case"),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    # Django's auth machinery asks for these; Linli has no superuser: rights come from posts.
    is_superuser = False

    @property
    def is_staff(self) -> bool:
        return False

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return False


class Unit(models.Model):
    """A responsible unit (责任单位): department, enterprise, bank, or a community's own committee."""

    class Kind(models.TextChoices):
        DEPARTMENT = "department", _("部门")
        DISTRICT = "district", _("区级")
        STREET = "street", _("镇（街道）")
        COMMUNITY = "community", _("社区（村）")
        ENTERPRISE = "enterprise", _("企业")
        INSTITUTION = "institution", _("事业单位")

    code = models.CharField(_("编号"), max_length=20, unique=True)
    name_zh = models.CharField(_("名称"), max_length=100)
    name_en = models.CharField(_("英文名称"), max_length=150, blank=True, default="")
    credit_code = models.CharField(_("统一社会信用代码"), max_length=18, blank=True, default="")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.DEPARTMENT)
    place = models.ForeignKey(
        Place,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="units",
        help_text=_("单位所在或所管的地方；属地兜底时按此找到单位"),
    )
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    phone = models.CharField(_("值班电话"), max_length=40, blank=True, default="")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    successor = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="predecessors")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["credit_code"],
                condition=~Q(credit_code="") & Q(valid_to=None),
                name="unit_credit_code_once",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=models.F("valid_from")),
                name="unit_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.name_zh

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return in_language(self.name_zh, self.name_en)


class PostKind(models.Model):
    """A kind of post as data: what its holders may do (`duties` are capabilities of `rules.CAPABILITIES`)."""

    class HeldFor(models.TextChoices):
        PLACE = "place", _("地方")
        UNIT = "unit", _("单位")

    code = models.CharField(max_length=40, unique=True)
    name_zh = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60)
    held_for = models.CharField(max_length=5, choices=HeldFor)
    duties = ArrayField(models.CharField(max_length=40), default=list)
    door = models.CharField(max_length=10, default="desk", help_text=_("登录后先到的入口"))
    phone_public = models.BooleanField(default=False, help_text=_("电话可以对居民公开"))
    shown_to_residents = models.BooleanField(default=False, help_text=_("在“谁负责我这里”中列出"))
    two_factor = models.BooleanField(default=True, help_text=_("两步验证开启后必须使用"))
    sort = models.IntegerField(default=0)

    class Meta:
        ordering = ["sort", "code"]

    def __str__(self) -> str:
        return self.name_zh

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return in_language(self.name_zh, self.name_en)


class Post(models.Model):
    """One person holding one kind of post for a place or a unit, from – to, with a deputy for absence."""

    kind = models.ForeignKey(PostKind, on_delete=models.PROTECT, related_name="posts")
    holder = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="posts")
    place = models.ForeignKey(Place, null=True, blank=True, on_delete=models.PROTECT, related_name="posts")
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="posts")
    matters = ArrayField(
        models.CharField(max_length=8),
        default=list,
        blank=True,
        help_text=_("只管这些大类（如 M06）；空为全部"),
    )
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    deputy = models.ForeignKey(Account, null=True, blank=True, on_delete=models.PROTECT, related_name="deputised")
    deputy_from = models.DateTimeField(null=True, blank=True)
    deputy_to = models.DateTimeField(null=True, blank=True)
    phone = models.CharField(_("岗位电话"), max_length=40, blank=True, default="")
    phone_public = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(place__isnull=False) | Q(unit__isnull=False), name="post_is_held_for_something"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=models.F("valid_from")),
                name="post_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(deputy=None) & Q(deputy_from=None) & Q(deputy_to=None)
                | Q(deputy__isnull=False, deputy_from__isnull=False)
                & (Q(deputy_to=None) | Q(deputy_to__gt=models.F("deputy_from")))
                & ~Q(deputy=models.F("holder")),
                name="post_deputy_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["holder", "valid_to"], name="post_of_holder"),
            models.Index(fields=["place", "kind"], name="post_of_place"),
            models.Index(fields=["unit", "kind"], name="post_of_unit"),
            models.Index(fields=["deputy"], name="post_of_deputy", condition=Q(deputy__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind_id}:{self.holder_id}"


class MatrixVersion(models.Model):
    """One edition of the responsibility matrix; exactly one is in force, drafts are tried out first."""

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        ACTIVE = "active", _("生效")
        RETIRED = "retired", _("停用")

    number = models.IntegerField(unique=True)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    based_on = models.IntegerField(null=True, blank=True, help_text=_("起草时生效的版本"))
    note = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=Q(state="active"), name="matrix_one_in_force"),
        ]


class Responsibility(models.Model):
    """One row of the matrix: for this matter, at this place, at this time, that unit (and post) answers.

    `matter` is an item key ("M06012"), a class key ("M06"), or "" for every matter. Within one matrix the
    row that names the matter more exactly wins, then the deeper place, then the one bound to a time
    (`picking`).
    """

    matrix = models.ForeignKey(MatrixVersion, on_delete=models.CASCADE, related_name="rules")
    matter = models.CharField(max_length=8, blank=True, default="")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="responsibilities")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="responsibilities")
    post_kind = models.ForeignKey(PostKind, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    weekdays = ArrayField(
        models.SmallIntegerField(), default=list, blank=True, help_text=_("1=周一 … 7=周日；空为每天")
    )
    from_time = models.TimeField(null=True, blank=True)
    to_time = models.TimeField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["matrix", "place", "matter"], name="responsibility_lookup")]
        constraints = [
            models.CheckConstraint(
                condition=Q(from_time=None, to_time=None)
                | Q(from_time__isnull=False, to_time__isnull=False) & ~Q(from_time=models.F("to_time")),
                name="responsibility_hours_whole",
            ),
        ]


class SignInPolicy(models.Model):
    """The one row of switches about signing in (security administrator)."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    two_factor_for_staff = models.BooleanField(default=False)
    idle_minutes_staff = models.PositiveSmallIntegerField(default=60)
    idle_minutes_admins = models.PositiveSmallIntegerField(default=10)
    residents_may_register = models.BooleanField(default=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="sign_in_policy_one_row")]


class SheetDraft(models.Model):
    """A sheet that was read and waits for somebody to look at it and confirm; nothing of it is in force.

    rows: what would be written, resolved to ids, with the names to show; problems: row, column, message.
    """

    class Kind(models.TextChoices):
        UNITS = "units", _("责任单位")
        POSTS = "posts", _("岗位")
        MATRIX = "matrix", _("责任清单")

    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(max_length=200)
    rows = models.JSONField(default=list)
    problems = models.JSONField(default=list)
    matrix = models.ForeignKey(MatrixVersion, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    created_by = models.CharField(max_length=80, blank=True, default="")
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]


class AccessKey(models.Model):
    """A key for a machine: acts through a service account, with the duties of its scopes (`keys`).

    prefix: its public part, by which people speak of it; secret_hash: SHA-256 of the whole key, which is kept
    nowhere in clear. After a rotation the secret before is good until old_until.
    """

    name = models.CharField(max_length=64)
    prefix = models.CharField(max_length=8, unique=True)
    secret_hash = models.BinaryField(max_length=32)
    old_hash = models.BinaryField(max_length=32, null=True)
    old_until = models.DateTimeField(null=True)
    scopes = ArrayField(models.CharField(max_length=10))
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="access_key")
    per_minute = models.PositiveIntegerField(default=600)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    expires_at = models.DateTimeField(null=True)
    last_used_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = [models.F("revoked_at").desc(nulls_first=True), "name", "id"]


class KeyUse(models.Model):
    """How often a key was used in the present minute. The table is UNLOGGED: cheap, and empty after a crash."""

    key = models.OneToOneField(AccessKey, primary_key=True, on_delete=models.CASCADE, related_name="use")
    minute = models.BigIntegerField()
    used = models.IntegerField()


class DemoAccount(models.Model):
    """A way in for visitors of a demo home: one made-up person of each kind, password in clear.

    Filled by the demo's generator only; the sign-in page and `accounts` show it in demo homes only.
    """

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="demo")
    role = models.CharField(max_length=40, unique=True)
    label_zh = models.CharField(max_length=40)
    label_en = models.CharField(max_length=60)
    sort = models.IntegerField(default=0)
    password = models.CharField(max_length=64)

    class Meta:
        ordering = ["sort", "role"]
        db_table = "people_demo_accounts"

    @property
    def label(self) -> str:
        return in_language(self.label_zh, self.label_en)
