"""Evaluations for people: one self-contained HTML file, and tables for the terminal."""

from __future__ import annotations

from .comparison import write_comparison
from .html import render, write_evaluation, write_report
from .terminal import print_agreement, print_evaluation

__all__ = ["print_agreement", "print_evaluation", "render", "write_comparison", "write_evaluation", "write_report"]
