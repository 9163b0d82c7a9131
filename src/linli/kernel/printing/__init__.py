"""Printing: data and a template become a PDF that looks like a good official document (typst, offline).

::

    from linli.kernel import printing

    file = printing.pdf("meetings/minutes.typ", {"paper": paper, "points": [...]}, {"qr.svg": printing.qr(address)})

- The template `minutes.typ` lies in the folder `typst/` of the Django app `meetings`; it may import its neighbours in
  that folder (`/meetings/parts.typ`) and the common look: `#import "/printing/official.typ": official, sheet, lamp`.
- It reads the data with `#let data = json("/data.json")`. Words of people are data, never markup: whatever they
  hold, nothing in them is run. Give dates, numbers and labels as words, in the language of the reader.
- Pictures go by a name of their own: `{"photos/1.jpg": bytes}` is `image("/photos/1.jpg")`.
- `official(data.paper, …)` wants: `house`, `title`, `number`, `date`, `day` (YYYY-MM-DD), `lines` (under the title),
  `sources`, `page_words` ("第 {page} 页，共 {pages} 页"), `lang` (zh or en), `draft` (words across a page that is not
  issued yet, else ""), `qr` (whether /qr.svg was given) and `qr_words`. What is missing is left out.

The same data gives the same bytes. A page takes milliseconds once the first is made. No file of the machine, no
network and no package is within a template's reach. Characters that the vendored type faces lack come from the
system's fonts; those nobody has are printed as their number (`U+30EDE`), never left out.
"""

from linli.kernel.printing.making import PrintingTrouble, pdf, png, qr

__all__ = ["PrintingTrouble", "pdf", "png", "qr"]
