"""Evaluations for people: an HTML file, and tables for the terminal."""

from toolkit.report import print_agreement, print_evaluation, render, write_comparison, write_evaluation, write_report

__all__ = ["print_agreement", "print_evaluation", "render", "write_comparison", "write_evaluation", "write_report"]
