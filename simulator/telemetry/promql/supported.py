"""Which functions and aggregations the evaluator knows, by name; a test holds the evaluator to the lists."""

from __future__ import annotations

from typing import Final

#: Over a range of samples.
OVER_RANGES: Final = frozenset(
    {
        *("rate", "increase", "delta", "irate", "idelta", "deriv", "predict_linear", "changes", "resets"),
        *("avg_over_time", "min_over_time", "max_over_time", "sum_over_time", "count_over_time"),
        *("quantile_over_time", "stddev_over_time", "stdvar_over_time", "last_over_time"),
        *("present_over_time", "absent_over_time", "mad_over_time", "first_over_time"),
        "double_exponential_smoothing",
    }
)
#: Of one number.
OF_NUMBERS: Final = frozenset(
    {
        *("abs", "ceil", "floor", "exp", "sqrt", "ln", "log2", "log10", "sgn", "deg", "rad"),
        *("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh"),
    }
)
#: Of a moment.
OF_TIMES: Final = frozenset(
    {"minute", "hour", "day_of_week", "day_of_month", "day_of_year", "days_in_month", "month", "year"}
)
#: Everything else.
OTHERS: Final = frozenset(
    {
        *(
            "absent",
            "clamp",
            "clamp_min",
            "clamp_max",
            "round",
            "scalar",
            "vector",
            "time",
            "timestamp",
            "pi",
        ),
        *("sort", "sort_desc", "sort_by_label", "sort_by_label_desc", "label_replace", "label_join"),
        "histogram_quantile",
    }
)
FUNCTIONS: Final = OVER_RANGES | OF_NUMBERS | OF_TIMES | OTHERS
#: Functions that a promtool of the 2.x line does not know (2.42).
ONLY_IN_3: Final = frozenset({"mad_over_time", "first_over_time", "sort_by_label", "sort_by_label_desc"})
AGGREGATIONS: Final = frozenset(
    {
        *("sum", "avg", "min", "max", "count", "group", "stddev", "stdvar", "quantile"),
        *("topk", "bottomk", "count_values"),
    }
)
