"""The pure core: what is charted in, grades, basis and recommendations out.

Standard library only; no FHIR, no HTTP, no clock.
"""

from grading.assess import assess, prepare
from grading.course import Course
from grading.knowledge import KNOWLEDGE, KnowledgeError, Policy
from grading.model import Recommendation, Snapshot, Verdict
from grading.order_model import Draft, OrderReview
from grading.orders import review_orders
from grading.recommend import recommend

__all__ = [
    "KNOWLEDGE",
    "Course",
    "Draft",
    "KnowledgeError",
    "OrderReview",
    "Policy",
    "Recommendation",
    "Snapshot",
    "Verdict",
    "assess",
    "prepare",
    "recommend",
    "review_orders",
]
