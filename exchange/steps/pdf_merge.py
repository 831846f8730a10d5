"""pdf.merge: many PDFs as one."""

from exchange.sandbox import Limits
from exchange.steps.base import PDF, Step, step


@step(
    "pdf.merge",
    title="Join the PDFs into one",
    version=1,
    consumes={PDF},
    program="merge",
    unit="documents",
    cardinality="join",
    before=("pdf.sign", "pdf.protect"),
    sample="document.pdf",
    limits=Limits(seconds=300, memory_mb=2048),
)
class Merge(Step):
    """The documents follow each other in the order in which they were sent, under the name of the first.

    Bookmarks are kept below one for each document; links, layers, form fields and attached files are kept too. The
    report counts form fields that got another name because two documents used the same. Properties such as title and
    author, tags for screen readers, page labels and scripts of the whole document are not carried over. Documents that
    are signed, have a password, or have more than 2,000 pages together are refused.
    """
