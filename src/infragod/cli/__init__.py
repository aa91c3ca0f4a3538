"""The command line: a file per command, imported only when it is called."""

from __future__ import annotations

from typing import Final

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    # name: (module, one line of help); the order is the one of `infragod --help`
    "check": ("infragod.cli.check", "decide whether a Terraform plan may be applied"),
    "comment": ("infragod.cli.comment", "put a decision into the pull or merge request"),
    "approve": ("infragod.cli.approve", "ask for approvals, give them, refuse them"),
    "waive": ("infragod.cli.waive", "let a finding pass for a while, and end that"),
    "break-glass": ("infragod.cli.break_glass", "let a denied plan pass in an emergency; opens an incident"),
    "incidents": ("infragod.cli.incidents", "list and close incidents"),
    "estimate": ("infragod.cli.estimate", "say what a Terraform plan costs"),
    "usage": ("infragod.cli.usage", "begin a file of expected usage for a plan"),
    "rules": ("infragod.cli.rules", "list, test and explain the rules"),
    "terraform": ("infragod.cli.terraform", "run terraform behind the gate: plan, apply and all the rest"),
    "tofu": ("infragod.cli.terraform", "the same with OpenTofu"),
    "grants": ("infragod.cli.grants", "list the grants to apply plans, and take them back"),
    "credentials": ("infragod.cli.credentials", "print the AWS credentials of a grant, for credential_process"),
    "bundle": ("infragod.cli.bundle", "publish the rules that a server decides by"),
    "prices": ("infragod.cli.prices", "import price lists of the providers, and list what there is"),
    "load": ("infragod.cli.load", "load bills into the lake"),
    "collect": ("infragod.cli.collect", "collect Terraform's states, and join the bills with them"),
    "sources": ("infragod.cli.sources", "show what the lake holds, and how fresh it is"),
    "report": ("infragod.cli.report", "print a report: spend by team, service and more"),
    "export": ("infragod.cli.export", "write charges as FOCUS files for other programs"),
    "allocation": ("infragod.cli.allocation", "check allocation.toml, and say what a change would have moved"),
    "friction": (
        "infragod.cli.friction",
        "say what the gate cost and saved: waits, denials overturned, money prevented",
    ),
    "followups": ("infragod.cli.followups", "show what applied plans cost in their first full month, and say so"),
    "org": ("infragod.cli.org", "import teams, services and cost centres"),
    "budgets": ("infragod.cli.budgets", "import budgets"),
    "token": ("infragod.cli.token", "make and revoke tokens for pipelines"),
    "state": ("infragod.cli.state", "list, show, restore and export the Terraform states that are kept"),
    "serve": ("infragod.cli.serve", "serve the pages and the decision service"),
    "demo": ("infragod.cli.demo", "build the example company and serve it"),
    "notify": ("infragod.cli.notify", "send events to webhooks, and look after the outbox"),
    "audit": ("infragod.cli.audit", "prove that the audit log is whole"),
    "doctor": ("infragod.cli.doctor", "check the set-up, and say what is missing"),
}
