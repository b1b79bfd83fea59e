"""What scikit-learn asks of an estimator.

scikit-learn itself is imported only where it is used, because that takes longer than loading a model and labelling a
page, which do not need it.
"""

from __future__ import annotations

import inspect
import textwrap
from typing import Any, Self

import numpy as np

_COLUMNS = 80  # where scikit-learn breaks the lines of an estimator's representation


class PerPage(list[Any]):
    """A list with one entry per page. NumPy makes a vector of it, so scikit-learn can join the answers of its folds."""

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        found = np.empty(len(self), object)
        for k, entry in enumerate(self):
            found[k] = entry
        return found


class Estimator:
    """Parameters, tags and requests of an estimator, as scikit-learn's `BaseEstimator` and `ClassifierMixin` have them.

    A subclass takes its parameters in the constructor, by name, and keeps each unchanged in the attribute of that name.
    """

    @classmethod
    def _defaults(cls) -> dict[str, Any]:
        parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
        return {one.name: one.default for one in sorted(parameters, key=lambda one: one.name)}

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Get the parameters of the constructor.

        Parameters
        ----------
        deep : bool, default=True
            Without effect: no parameter is an estimator.

        Returns
        -------
        dict of str to object
            The value of each parameter, by name.
        """
        return {name: getattr(self, name) for name in self._defaults()}

    def set_params(self, **params: Any) -> Self:
        """Change parameters of the constructor, for the next `fit`.

        Parameters
        ----------
        **params : dict
            New values by name.

        Returns
        -------
        Estimator
            The estimator itself.

        Raises
        ------
        ValueError
            If there is no parameter of a name.
        """
        known = list(self._defaults())
        for name in params:
            if name not in known:
                raise ValueError(f"Invalid parameter {name!r} for estimator {self}. Valid parameters are: {known!r}.")
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def get_metadata_routing(self) -> Any:
        """Get the arguments of `fit` and `score` that scikit-learn's meta-estimators shall pass on.

        Returns
        -------
        sklearn.utils.metadata_routing.MetadataRequest
            The requests, as `set_fit_request` and `set_score_request` made them.
        """
        from sklearn.utils.metadata_routing import MetadataRequest, get_routing_for_object  # start-up

        if hasattr(self, "_metadata_request"):
            return get_routing_for_object(self._metadata_request)
        requests = MetadataRequest(owner=type(self).__name__)
        for method in ("fit", "score"):
            for name in self._requestable(method):
                getattr(requests, method).add_request(param=name, alias=None)
        return requests

    def set_fit_request(self, **requests: bool | str | None) -> Self:
        """Request arguments of `fit` from scikit-learn's meta-estimators, where metadata routing is enabled.

        Parameters
        ----------
        **requests : dict
            For arguments by name whether they are passed on, or another name under which they are given.

        Returns
        -------
        Estimator
            The estimator itself.

        Raises
        ------
        RuntimeError
            If metadata routing is not enabled.
        TypeError
            If `fit` has no such argument.
        """
        return self._request("fit", requests)

    def set_score_request(self, **requests: bool | str | None) -> Self:
        """Request arguments of `score` from scikit-learn's meta-estimators, where metadata routing is enabled.

        Parameters
        ----------
        **requests : dict
            For arguments by name whether they are passed on, or another name under which they are given.

        Returns
        -------
        Estimator
            The estimator itself.

        Raises
        ------
        RuntimeError
            If metadata routing is not enabled.
        TypeError
            If `score` has no such argument.
        """
        return self._request("score", requests)

    def _request(self, method: str, requests: dict[str, bool | str | None]) -> Self:
        from sklearn import get_config  # start-up

        if not get_config()["enable_metadata_routing"]:
            raise RuntimeError(
                "This method is only available when metadata routing is enabled. You can enable it using "
                "sklearn.set_config(enable_metadata_routing=True)."
            )
        known = self._requestable(method)
        if unknown := set(requests) - set(known):
            raise TypeError(f"Unexpected args: {unknown} in {method}. Accepted arguments are: {set(known)}")
        found = self.get_metadata_routing()
        for name, alias in requests.items():
            getattr(found, method).add_request(param=name, alias=alias)
        self._metadata_request = found  # the name under which scikit-learn's `clone` looks for it
        return self

    def _requestable(self, method: str) -> list[str]:
        """The arguments of a method after the samples and their targets."""
        return sorted(list(inspect.signature(getattr(self, method)).parameters)[2:])

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import Tags, TargetTags  # start-up

        # Of a "classifier" scikit-learn takes the targets for one label per sample, and stratifies folds by them.
        return Tags(estimator_type=None, target_tags=TargetTags(required=True))

    def __repr__(self) -> str:
        changed = [f"{name}={getattr(self, name)!r}" for name, default in self._defaults().items()
                   if repr(getattr(self, name)) != repr(default)]  # fmt: skip
        start = f"{type(self).__name__}("
        return textwrap.fill(
            f"{start}{', '.join(changed)})", _COLUMNS, subsequent_indent=" " * len(start), break_long_words=False
        )

    def _repr_html_(self) -> str | None:
        """The diagram that notebooks show; none if scikit-learn is set to show text."""
        from sklearn import get_config  # start-up
        from sklearn.utils import estimator_html_repr  # start-up

        return str(estimator_html_repr(self)) if get_config()["display"] == "diagram" else None
