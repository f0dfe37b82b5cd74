# SPDX-License-Identifier: Apache-2.0
"""Which class each unit prefers: how often a sample of it is above one of the others, corrected for all that was asked.

The probability of superiority needs no zero and no scale, as the index of Morcos and others ("On the importance of
single directions for generalization", ICLR 2018, equation 1) does, which is not defined for units that go below 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from plugins.contrast.effects import compare

if TYPE_CHECKING:
    import pandas as pd

FEWEST: Final = 4
LEVEL: Final = 0.95


def selectivity(values: Any, units: Any, classes: Any) -> pd.DataFrame:
    """One row for each unit: the class that it tells apart best.

    Parameters
    ----------
    values : ``[n, u]``; ``units`` int64 ``[u]`` their numbers; ``classes`` text ``[n]``, empty where unknown

    Returns
    -------
    DataFrame
        ``unit``, ``class``, ``auc`` (a sample of the class is above another, ties half), ``low``, ``high`` (at a level
        for all classes asked), ``p`` (Mann and Whitney, times units and classes), ``inside``, ``outside`` (means),
        ``n`` of the class; no rows with fewer than two classes of 4 samples.
    """
    import pandas as pd

    names, counts = np.unique(classes[classes != ""], return_counts=True)
    known = classes != ""
    names = names[counts >= FEWEST]
    if len(names) < 2:
        return pd.DataFrame()
    level = 1 - (1 - LEVEL) / len(names)
    found = [compare(values[classes == one], values[known & (classes != one)], level) for one in names]
    strength = np.stack([np.abs(one.auc - 0.5) for one in found])
    best = strength.argmax(axis=0)
    each = np.arange(len(units))

    def of(name: str) -> Any:
        return np.stack([getattr(one, name) for one in found])[best, each]

    return pd.DataFrame(
        {
            "unit": units,
            "class": names[best],
            "auc": of("auc"),
            "low": of("low"),
            "high": of("high"),
            "p": np.minimum(of("p") * len(names) * len(units), 1.0),
            "inside": of("inside"),
            "outside": of("outside"),
            "n": np.array([(classes == one).sum() for one in names])[best],
        }
    )
