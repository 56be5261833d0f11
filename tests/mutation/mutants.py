"""The mutants: copies of one policy or operation with one condition or refusal taken away or turned round."""

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dev import ROOT

# What a comparison becomes when it is turned round.
OPPOSITES: dict[type[ast.cmpop], str] = {
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.In: "not in",
    ast.NotIn: "in",
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.Lt: ">=",
    ast.GtE: "<",
    ast.Gt: "<=",
    ast.LtE: ">",
}
NARROWING = {"filter", "exclude", "Q"}
# Modules, or folders of them, that say who may see or do what; and those whose functions refuse.
POLICIES, OPERATIONS = {"policies", "drafts"}, {"operations", "role_requests", "successions"}


@dataclass(frozen=True)
class Mutant:
    """`source` is the whole changed file; `lines` are those that the changed expression stands on."""

    path: str
    function: str
    lines: tuple[int, ...]
    change: str
    source: str

    @property
    def id(self) -> str:
        """The same for the same change of the same text, wherever the file and the line are."""
        return hashlib.sha256(f"{self.function}\0{self.change}\0{self.source}".encode()).hexdigest()[:12]

    @property
    def name(self) -> str:
        """Without its line, as it stands in allowed.py."""
        return f"{self.path} {self.function}: {self.change}"

    @property
    def title(self) -> str:
        return f"{self.path}:{self.lines[0]} {self.function}: {self.change}"


def all_mutants(root: Path = ROOT / "tracker") -> list[Mutant]:
    """Of every module of policies and operations, in order of path and line."""
    return [mutant for path in mutated_modules(root) for mutant in mutants_of(path, is_policy=path.stem in POLICIES)]


def mutated_modules(root: Path) -> list[Path]:
    """Those called so, or in a folder called so."""
    return [
        path
        for path in sorted(root.rglob("*.py"))
        if {path.stem, *path.relative_to(root).parts} & (POLICIES | OPERATIONS)
    ]


def mutants_of(path: Path, *, is_policy: bool) -> list[Mutant]:
    source = path.read_text("utf-8")
    mutants = []
    for name, function in functions(ast.parse(source)):
        for node, text, change in policy_changes(function) if is_policy else refusal_changes(function):
            lines = tuple(range(node.lineno, (node.end_lineno or node.lineno) + 1))
            mutants.append(Mutant(str(path.relative_to(ROOT)), name, lines, change, replaced(source, node, text)))
    return sorted(mutants, key=lambda mutant: (mutant.lines, mutant.change))


def functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """(qualified name, function) of the functions of a module and the methods of its classes."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{one.name}", one) for one in node.body if isinstance(one, ast.FunctionDef))


Change = tuple[ast.expr | ast.stmt, str, str]


def policy_changes(function: ast.FunctionDef) -> Iterator[Change]:
    """(node, its new text, what was done) for each condition in a policy."""
    returns_bool = isinstance(function.returns, ast.Name) and function.returns.id == "bool"
    for node in inner_nodes(function):
        if isinstance(node, ast.expr):
            yield from condition_changes(node)
        if isinstance(node, ast.If | ast.IfExp):
            yield negated(node.test)
        elif isinstance(node, ast.comprehension):
            yield from map(negated, node.ifs)
        elif isinstance(node, ast.Return) and returns_bool and isinstance(node.value, ast.Call | ast.Name):
            yield negated(node.value)
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.BitOr | ast.BitAnd):
            yield node, "pass", f"without {ast.unparse(node)}"


def refusal_changes(function: ast.FunctionDef) -> Iterator[Change]:
    """The same for each refusal in an operation: `if ...: raise`, or a call of a function that refuses."""
    for node in inner_nodes(function):
        if isinstance(node, ast.If) and any(isinstance(one, ast.Raise) for one in node.body):
            yield negated(node.test)
            yield node.test, "False", f"never refuse when {ast.unparse(node.test)}"
            for part in ast.walk(node.test):
                if isinstance(part, ast.BoolOp):
                    yield from condition_changes(part)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            name = ast.unparse(node.value.func).rpartition(".")[2].lstrip("_")
            if name.startswith(("refuse", "must", "check")):
                yield node, "pass", f"without {ast.unparse(node)}"


def inner_nodes(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """Everything in the body; defaults and decorators are evaluated once, when the module is loaded."""
    for statement in function.body:
        yield from ast.walk(statement)


def negated(node: ast.expr) -> Change:
    return node, f"not ({ast.unparse(node)})", f"not ({ast.unparse(node)})"


def condition_changes(node: ast.expr) -> Iterator[Change]:
    """Each way in which one condition of this expression itself can be lost or turned round."""
    if isinstance(node, ast.BoolOp):
        word = " and " if isinstance(node.op, ast.And) else " or "
        for left_out in node.values:
            kept = [f"({ast.unparse(value)})" for value in node.values if value is not left_out]
            yield node, word.join(kept), f"without{word}{ast.unparse(left_out)}"
    elif isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in OPPOSITES:
        text = f"{ast.unparse(node.left)} {OPPOSITES[type(node.ops[0])]} {ast.unparse(node.comparators[0])}"
        yield node, text, text
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.Invert):
        yield node, ast.unparse(node.operand), f"{ast.unparse(node.operand)} instead of its opposite"
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd | ast.BitOr):
        word = "&" if isinstance(node.op, ast.BitAnd) else "|"
        yield node, ast.unparse(node.left), f"without {word} {ast.unparse(node.right)}"
        if not (isinstance(node.left, ast.BinOp) and type(node.left.op) is type(node.op)):
            yield node, ast.unparse(node.right), f"without {ast.unparse(node.left)} {word}"
    elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in NARROWING:
        yield from argument_changes(node)


def argument_changes(call: ast.Call) -> Iterator[Change]:
    """filter(), exclude() and Q() with one argument fewer; Q() of a single one is covered where it is combined."""
    arguments: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
    if len(arguments) == 1 and isinstance(call.func, ast.Attribute) and call.func.attr != "Q":
        yield call, ast.unparse(call.func.value), f"without {call.func.attr}({ast.unparse(arguments[0])})"
    for left_out in arguments if len(arguments) > 1 else []:
        kept = ", ".join(ast.unparse(one) for one in arguments if one is not left_out)
        yield call, f"{ast.unparse(call.func)}({kept})", f"without {ast.unparse(left_out)}"


def replaced(source: str, node: ast.expr | ast.stmt, text: str) -> str:
    """The source with `text` where the node stood."""
    lines = source.encode().splitlines(keepends=True)
    end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
    start = sum(map(len, lines[: node.lineno - 1])) + node.col_offset
    end = sum(map(len, lines[: end_line - 1])) + end_column
    whole = b"".join(lines)
    new = text if isinstance(node, ast.stmt) else f"({text})"
    return (whole[:start] + new.encode() + whole[end:]).decode()
