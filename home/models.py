"""Home page, standard pages, pictures, and the academy's settings shown on every page."""

from contextlib import closing

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.fields import StreamField
from wagtail.images.models import (
    AbstractImage,
    AbstractRendition,
    Filter,
    Image,
    SourceImageIOError,
    get_upload_to,
)
from wagtail.models import Page, Site

from home.cms.blocks import QuestionBlock, page_blocks
from home.cms.gate.open_problems import PageProblem  # noqa: F401 - a model of this application
from home.cms.kept_pages import LEGAL
from home.cms.page_forms import TitlePanel
from home.cms.pages import PublicPage
from home.cms.words_language import words_language
from home.contact.forms import ContactForm
from home.database.compiled import Compiled
from home.files import photos
from home.files.fields import PhotoColumn
from home.language.dates import whatsapp_to
from home.language.phones import phone_words


class Tidy(Filter):
    """A filter that closes what it was to write into when it fails: Wagtail leaves that file open."""

    def run(self, image, output, source=None):
        """Write the rendition of an image into `output` and return it. Raises what Wagtail's does."""
        try:
            return super().run(image, output, source)
        except BaseException:
            output.close()
            raise


class Picture(AbstractImage):
    """An image with alternative text in three languages. Its file is private; pages show its renditions."""

    file = PhotoColumn(
        verbose_name=_("file"), upload_to=get_upload_to, width_field="width", height_field="height"
    )
    # At the place of the field it replaces: storing the file says its width and height, the next columns.
    file.creation_counter = AbstractImage._meta.get_field("file").creation_counter
    alt_fr = models.CharField(_("alternative text (French)"), max_length=250, blank=True)
    alt_ar = models.CharField(_("alternative text (Arabic)"), max_length=250, blank=True)
    alt_en = models.CharField(_("alternative text (English)"), max_length=250, blank=True)
    shows_children = models.BooleanField(_("children can be recognised"), default=False)
    release = models.CharField(
        _("reference of the release"),
        max_length=60,
        blank=True,
        help_text=_("The reference of the paper or of the consents of every child, never a name."),
    )
    is_clean = models.BooleanField(default=False, editable=False)  # home.files.photos has written the file
    # Of home.pictures.preparing, which makes the renditions.
    recipe = models.CharField(max_length=16, blank=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    retry_at = models.DateTimeField(null=True, editable=False)

    admin_form_fields = (*Image.admin_form_fields, "alt_fr", "alt_ar", "alt_en", "shows_children", "release")

    class Meta(AbstractImage.Meta):
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        permissions = [("choose_image", "Can choose image")]

    @property
    def default_alt_text(self) -> str:
        """Return the alternative text in the language that is written or read here, or nothing."""
        return self.alt_in(words_language())

    def alt_in(self, language: str) -> str:
        """Return the alternative text in that language, never in another one."""
        return getattr(self, f"alt_{language}", "")

    def to_be_prepared(self) -> None:
        """Note, without saving, that the renditions are to be made from the start."""
        self.recipe, self.tries, self.retry_at = "", 0, None

    def _set_image_file_metadata(self):
        """Note size and hash of the file, and close it if it is stored: Wagtail leaves it open."""
        size = super()._set_image_file_metadata()
        if self.file._committed:
            self.file.close()
        return size

    def create_rendition(self, filter):
        """Make and store one rendition, unless another process has; close the file it was made in."""
        with closing(self.generate_rendition_file(filter)) as file:
            rendition, _created = self.renditions.get_or_create(
                filter_spec=filter.spec,
                focal_point_key=filter.get_cache_key(self),
                defaults={"file": file},
            )
        return rendition

    def generate_rendition_file(self, filter, *, source=None):
        """Make a rendition from nothing but pixels. Raises SourceImageIOError if the file cannot be read."""
        try:
            if not self.is_clean:
                with self.open_file() as file:
                    source = photos.clean(file, most_bytes=None)
            return super().generate_rendition_file(Tidy(filter.spec), source=source)
        except (photos.Refused, OSError, ValueError) as fault:
            raise SourceImageIOError(str(fault)) from fault


class PictureRendition(AbstractRendition):
    image = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="rendition_one_per_filter", fields=["image", "filter_spec", "focal_point_key"]
            )
        ]


@register_setting(icon="home")
class AcademySettings(BaseSiteSetting):
    """Name, address, phones, hours, bank details and legal identifiers: entered once, shown everywhere."""

    name = models.CharField(_("name"), max_length=80, default="Active Labs")
    tagline = models.CharField(_("what we do, in one sentence"), max_length=160, blank=True)
    about = models.TextField(_("who we are, in two sentences"), blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    opening_hours = models.CharField(_("front desk opening hours"), max_length=200, blank=True)
    phone = PhoneNumberField(_("phone"), blank=True)
    whatsapp = PhoneNumberField(_("WhatsApp"), blank=True)
    email = models.EmailField(_("the academy's email address"), blank=True)
    map_url = models.URLField(_("map link"), blank=True)
    bank_details = models.TextField(_("bank details (bank, RIB)"), blank=True)
    legal_name = models.CharField(_("legal name"), max_length=120, blank=True)
    ice = models.CharField(_("ICE"), max_length=15, blank=True)
    rc = models.CharField(_("trade register (RC)"), max_length=40, blank=True)
    tax_id = models.CharField(_("tax number (IF)"), max_length=20, blank=True)
    cndp_number = models.CharField(_("CNDP authorisation number"), max_length=60, blank=True)
    is_demo = models.BooleanField(_("this is the demo site"), default=False, editable=False)

    panels = [
        MultiFieldPanel(
            [
                FieldPanel(f"{field}_{lang}")
                for field in ("tagline", "about", "address", "opening_hours")
                for lang in ("fr", "ar", "en")
            ],
            heading=_("In three languages"),
        ),
        MultiFieldPanel(
            [FieldPanel(f) for f in ("name", "phone", "whatsapp", "email", "map_url")],
            heading=_("Contact details"),
        ),
        MultiFieldPanel(
            [FieldPanel(f) for f in ("legal_name", "ice", "rc", "tax_id", "cndp_number", "bank_details")],
            heading=_("Legal information"),
        ),
    ]

    class Meta:
        verbose_name = _("academy")
        verbose_name_plural = _("academy")

    def __str__(self):
        return self.name

    @classmethod
    def for_site(cls, site):
        """Return the site's row, created if there is none."""
        return (site and SETTINGS.one(site=site.pk)) or super().for_site(site)

    @classmethod
    def ours(cls) -> "AcademySettings":
        """Return the site's settings, for rules and messages outside a request."""
        site = Site.objects.filter(is_default_site=True).first()
        return cls.for_site(site) if site else cls()

    @property
    def phone_display(self) -> str:
        return phone_words(self.phone)

    @property
    def whatsapp_url(self) -> str:
        """Return the link to a WhatsApp conversation with the academy; empty without a number."""
        return self.whatsapp_about("")

    def whatsapp_about(self, words: str) -> str:
        """Return the same link with this text prepared."""
        return whatsapp_to(self.whatsapp, words)


SETTINGS = Compiled(lambda site: AcademySettings.objects.filter(site=site))


class HomePage(PublicPage, Page):
    """The home page: what, for whom, next sessions, tracks, the Technopark."""

    lead = models.TextField(_("opening text"), max_length=400, blank=True)
    body = StreamField(page_blocks(), verbose_name=_("body"), blank=True)

    content_panels = [TitlePanel("title"), FieldPanel("lead"), FieldPanel("body")]
    parent_page_types = ["wagtailcore.Page"]
    template = "home/home_page.html"
    words_fields = ("title", "lead", "body")

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")

    @classmethod
    def kept_for(cls, page):
        return gettext("All pages of this language are below it.")


class StandardPage(PublicPage, Page):
    """A standard page: practical information, the Technopark, how we teach, legal notice."""

    intro = models.TextField(_("introduction"), max_length=400, blank=True)
    body = StreamField(page_blocks(), verbose_name=_("body"), blank=True)

    content_panels = [TitlePanel("title"), FieldPanel("intro"), FieldPanel("body")]
    parent_page_types = ["home.HomePage", "home.StandardPage"]
    template = "home/standard_page.html"
    words_fields = ("title", "intro", "body")

    class Meta:
        verbose_name = _("standard page")
        verbose_name_plural = _("standard pages")

    @classmethod
    def kept_for(cls, page):
        is_legal = page.slug == LEGAL and page.depth == 3
        return gettext("The footer of every page leads to it.") if is_legal else ""


class FaqPage(PublicPage, Page):
    """Questions and answers for families."""

    intro = models.TextField(_("introduction"), max_length=400, blank=True)
    questions = StreamField([("question", QuestionBlock())], verbose_name=_("questions"), blank=True)

    content_panels = [TitlePanel("title"), FieldPanel("intro"), FieldPanel("questions")]
    parent_page_types = ["home.HomePage", "home.StandardPage"]
    subpage_types = []
    template = "home/faq_page.html"
    words_fields = ("title", "intro", "questions")

    class Meta:
        verbose_name = _("questions page")
        verbose_name_plural = _("questions pages")


class ContactPage(PublicPage, Page):
    """Contact details and a form to the academy's mailbox (home/contact/views.py)."""

    intro = models.TextField(_("introduction"), max_length=400, blank=True)
    thanks = models.TextField(_("message shown after sending"), max_length=400, blank=True)

    content_panels = [TitlePanel("title"), FieldPanel("intro"), FieldPanel("thanks")]
    parent_page_types = ["home.HomePage"]
    subpage_types = []
    max_count_per_parent = 1
    template = "home/contact_page.html"
    words_fields = ("title", "intro")

    class Meta:
        verbose_name = _("contact page")
        verbose_name_plural = _("contact pages")

    @classmethod
    def kept_for(cls, page):
        return gettext("The contact form answers on it.")

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        context["form"] = kwargs.get("form") or ContactForm()
        return context
