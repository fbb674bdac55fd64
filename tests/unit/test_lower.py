"""A program as a graph: what each function with a memory does in a step, and what is kept of the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from iskdyn.compile import kernels
from iskdyn.compile.lower import Lowering
from iskdyn.errors import InternalError
from iskdyn.model import Call, Program
from iskdyn.model.assemble import assemble
from iskdyn.model.expression import Table
from iskdyn.simulate import simulate

CLOCK = """
INITIAL TIME = 2 ~ Month ~ |
FINAL TIME = 7 ~ Month ~ |
TIME STEP = 0.5 ~ Month ~ |
SAVEPER = TIME STEP ~ Month ~ |
"""
STEP = 0.5
TIMES = np.arange(2, 7.25, STEP)
INPUT = TIMES**2 + 1
Read = Callable[[str], Program]


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    """Every test lowers its model itself."""
    kernels._lower.cache_clear()
    kernels._compile.cache_clear()
    return


@pytest.fixture
def model(tmp_path) -> Read:
    """`model("y = x ~~|")`: equations with the input x and the clock."""

    def read(text: str) -> Program:
        path = tmp_path / "case.mdl"
        path.write_text("{UTF-8}\nx = Time*Time + 1 ~ ~ |\n" + text + CLOCK)
        return assemble(path, path.read_bytes())

    return read


def run(program: Program, name: str = "y", **given) -> np.ndarray:
    return np.asarray(simulate(program, outputs=[name], engine="numpy", **given)[name].values)


def stages(first: float, order: int, change: Callable[[float, float, int, int], float]) -> list[list[float]]:
    """The stages of a chain in each step, by Euler; `change(above, own, step, stage)` per month."""
    found = [[first] * order]
    for k in range(len(TIMES) - 1):
        now = found[-1]
        above = [INPUT[k], *now[:-1]]
        found.append(
            [own + STEP * change(up, own, k, i) for i, (up, own) in enumerate(zip(above, now, strict=True))]
        )
    return found


@pytest.mark.parametrize(
    ("equation", "first", "order"),
    [
        ("SMOOTH(x, 3)", 5.0, 1),
        ("SMOOTHI(x, 3, 4)", 4.0, 1),
        ("SMOOTH3(x, 3)", 5.0, 3),
        ("SMOOTH3I(x, 3, 4)", 4.0, 3),
        ("SMOOTH N(x, 3, 4, 2)", 4.0, 2),
    ],
)
def test_a_smooth_closes_the_gap_of_each_stage_in_its_share_of_the_time(equation, first, order, model):
    expected = stages(first, order, lambda up, own, k, i: (up - own) / (3 / order))
    assert run(model(f"y = {equation} ~ ~ |")) == pytest.approx([row[-1] for row in expected])


@pytest.mark.parametrize(
    ("equation", "first", "order"),
    [
        ("DELAY1(x, wait)", 5.0, 1),
        ("DELAY1I(x, wait, 4)", 4.0, 1),
        ("DELAY3(x, wait)", 5.0, 3),
        ("DELAY3I(x, wait, 4)", 4.0, 3),
    ],
)
def test_a_delay_holds_what_is_on_its_way_though_its_time_changes(equation, first, order, model):
    wait = TIMES + 1
    on_way = [[first * wait[0] / order] * order]
    for k in range(len(TIMES) - 1):
        out = [content * order / wait[k] for content in on_way[-1]]
        flows = zip(on_way[-1], [INPUT[k], *out[:-1]], out, strict=True)
        on_way.append([content + STEP * (more - less) for content, more, less in flows])
    expected = [row[-1] * order / wait[k] for k, row in enumerate(on_way)]
    assert run(model(f"wait = Time + 1 ~ ~ |\ny = {equation} ~ ~ |")) == pytest.approx(expected)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_a_delay_of_any_order_is_a_chain(order, model):
    expected = stages(4.0, order, lambda up, own, k, i: (up - own) / (3 / order))
    assert run(model(f"y = DELAY N(x, 3, 4, {order}) ~ ~ |")) == pytest.approx([row[-1] for row in expected])


def test_a_fixed_delay_gives_back_what_went_in(model):
    expected = [7.5, 7.5, 7.5, *INPUT[:-3]]
    assert run(model("y = DELAY FIXED(x, 1.5, 7.5) ~ ~ |")) == pytest.approx(expected)


def test_a_trend_and_a_forecast_follow_their_average(model):
    average = [5.0 / (1 + 0.1 * 3)]
    for now in INPUT[:-1]:
        average.append(average[-1] + STEP * (now - average[-1]) / 3)
    trend = (INPUT - average) / (3 * np.array(average))
    assert run(model("y = TREND(x, 3, 0.1) ~ ~ |")) == pytest.approx(trend)
    average = [5.0]
    for now in INPUT[:-1]:
        average.append(average[-1] + STEP * (now - average[-1]) / 3)
    ahead = INPUT * (1 + (INPUT - average) / (3 * np.array(average)) * 4)
    assert run(model("y = FORECAST(x, 3, 4) ~ ~ |")) == pytest.approx(ahead)


def test_a_trend_of_something_negative_has_the_sign_of_its_change(model):
    found = run(model("z = -x ~ ~ |\ny = TREND(z, 3, 0) ~ ~ |"))
    assert found[0] == 0
    assert np.all(found[1:] < 0)


def test_a_sample_is_held_until_the_next(model):
    whole = np.floor(TIMES) == TIMES
    expected = [INPUT[k] if whole[k] else INPUT[k - 1] for k in range(len(TIMES))]
    assert run(model("y = SAMPLE IF TRUE(Time = INTEGER(Time), x, 3.5) ~ ~ |")) == pytest.approx(expected)
    late = [INPUT[k] if time > 4 else 3.5 for k, time in enumerate(TIMES)]
    assert run(model("y = SAMPLE IF TRUE(Time > 4, x, 3.5) ~ ~ |")) == pytest.approx(late)


def test_what_is_initial_is_read_once(model):
    assert run(model("y = INITIAL(x) + x ~ ~ |")) == pytest.approx(5 + INPUT)
    text = "y = ACTIVE INITIAL(x, 40) ~ ~ |\nkept = INITIAL(y) ~ ~ |"
    assert run(model(text)) == pytest.approx(INPUT)
    assert run(model(text), "kept") == pytest.approx(np.full(len(TIMES), 40.0))


@pytest.mark.parametrize(("start", "first"), [("INITIAL(x)", 5.0), ("DELAY FIXED(x, 2, 7)", 7.0)])
def test_a_stock_may_start_from_what_a_memory_starts_with(start, first, model):
    found = run(model(f"y = INTEG(0, 2*begun) ~ ~ |\nbegun = {start} ~ ~ |"))
    assert found.tolist() == [2 * first] * len(TIMES)


@pytest.mark.parametrize(("function", "low"), [("integ", -np.inf), ("integ_non_negative", 0.0)])
def test_a_stock_grows_by_its_flow_and_one_kind_not_below_nothing(function, low, model):
    program = model("y = INTEG(flow, 3) ~ ~ |\nflow = 1 - x/4 ~ ~ |")
    level, expected = 3.0, []
    for now in INPUT:
        expected.append(level)
        level = max(level + STEP * (1 - now / 4), low)
    stock = program["y"]
    object.__setattr__(stock, "expression", Call(function, stock.expression.arguments))
    assert run(program) == pytest.approx(expected)


def test_a_stock_begins_with_what_is_given_else_with_what_is_written(model):
    program = model("y = INTEG(0, start*2) ~ ~ |\nstart = 4 ~ ~ |\nz = INTEG(0, y + 1) ~ ~ |")
    assert run(program)[0] == 8.0
    assert run(program, constants={"start": 5.0})[0] == 10.0
    assert run(program, constants={"start": 5.0, "y": 3.0})[0] == 3.0
    assert run(program, "z", constants={"y": 3.0})[0] == 4.0


def test_a_series_stands_in_for_a_variable_from_the_start(model):
    program = model("y = INTEG(0, x) ~ ~ |\nz = x + first ~ ~ |\nfirst = INITIAL(x) ~ ~ |")
    given = {"x": ([2.0, 7.0], [10.0, 20.0])}
    assert run(program, series=given)[0] == 10.0
    assert run(program, "z", series=given) == pytest.approx(10 + 10 + 2 * (TIMES - 2))


def test_a_series_cuts_what_its_variable_remembers(model):
    program = model("held = SMOOTH(x, 2) ~ ~ |\ny = held*2 + SMOOTH3I(x, 3, 1) ~ ~ |")
    lowered = Lowering(program, series=["held"], orders=(3,)).out
    assert [state.name for state in lowered.states] == ["y"] * 3
    assert [shape.name for shape in lowered.shapes] == ["y"]
    assert lowered.series == {"held": 0}


def test_each_series_stands_for_its_own_variable_or_table(model):
    program = model("bent((0,1),(10,21)) ~ ~ |\nz = 3*Time ~ ~ |\ny = x + 100*z ~ ~ |\nw = bent(x) ~ ~ |")
    found = run(program, series={"x": ([2.0, 7.0], [10.0, 20.0]), "z": ([2.0, 7.0], [1.0, 6.0])})
    assert found == pytest.approx(10 + 2 * (TIMES - 2) + 100 * (TIMES - 1))
    out = Lowering(program, series=["x", "bent"], orders=()).out
    assert (out.graph[out.values["w"]].op, out.graph[out.values["w"]].data) == ("series", 1)


def test_tables_are_read_by_name_and_by_their_points(model):
    text = "bent((0,1),(10,21)) ~ ~ |\nother((0,0),(10,-10)) ~ ~ |\n"
    program = model(
        text + "y = bent(Time) + other(Time) + WITH LOOKUP(Time, ((0,0),(10,100)))\n"
        "+ WITH LOOKUP(Time, ((0,0),(10,1000))) + WITH LOOKUP(Time, ((0,0),(10,100))) ~ ~ |"
    )
    assert run(program) == pytest.approx(1 + (2 - 1 + 10 + 100 + 10) * TIMES)
    lowered = Lowering(program, orders=()).out
    assert lowered.table_names == {"bent": 0, "other": 1}
    assert len(lowered.tables) == 4


def test_conditions_are_numbers_where_numbers_are_needed(model):
    program = model("y = (Time > 4)*3 + IF THEN ELSE(x - 5, 10, 20) ~ ~ |\nz = Time > 4 ~ ~ |")
    assert run(program) == pytest.approx(3.0 * (TIMES > 4) + np.where(INPUT == 5, 20, 10))
    assert run(program, "z") == pytest.approx(1.0 * (TIMES > 4))


def test_the_shapes_say_what_fixes_the_number_of_states(model):
    program = model(
        "y = SMOOTH3(x, 3) + DELAY N(x, wait, 4, 2) + DELAY FIXED(x, wait, 1) ~ ~ |\nwait = 1.5 ~ ~ |\n"
        "z = DELAY1(x, 2) + TREND(x, 1, 0) ~ ~ |"
    )
    out = Lowering(program).out
    assert [(shape.name, shape.function) for shape in out.shapes] == [
        ("y", "smooth"), ("y", "delay_n"), ("y", "delay_fixed"), ("z", "delay"),
    ]  # fmt: skip
    assert [out.graph.value(shape.order) for shape in out.shapes] == [3, 2, 1, 1]
    assert out.graph.value(out.shapes[0].time) == 3.0
    assert out.graph[out.shapes[1].time] == out.graph[out.shapes[2].time]
    assert out.graph[out.shapes[1].time].op == "param"
    assert out.graph.value(out.shapes[3].time) == 2.0
    assert (out.states, out.rings, out.values) == ([], [], {})


def test_states_and_fixed_delays_have_the_names_of_their_variables(model):
    program = model(
        "the y = SMOOTH3(x, 3) + DELAY FIXED(x, 2, 1) ~ ~ |\nz = INTEG(x, 1) + DELAY N(x, 2, 1, 2) ~ ~ |"
    )
    out = Lowering(program, orders=(3, 4, 2)).out
    assert [state.name for state in out.states] == ["the y"] * 3 + ["z"] * 5
    assert [(ring.name, ring.length) for ring in out.rings] == [("the y", 4)]
    assert all(0 <= state.following < len(out.graph) for state in out.states)


def test_only_what_is_free_becomes_an_input(model):
    program = model("a = 1 ~ ~ |\nb = 2 ~ ~ |\ny = INTEG(a + b, 3) ~ ~ |")
    assert set(Lowering(program, orders=()).out.params) == {"a", "b", "y"}
    out = Lowering(program, orders=(), free=lambda key: key == "a").out
    assert out.params == {"a": 0}
    assert out.graph.value(out.states[0].initial) == 3.0


def test_a_clock_that_is_fixed_is_read_from_the_run(model):
    program = model("y = TIME STEP + FINAL TIME*10 + INITIAL TIME*100 + SAVEPER*1000 ~ ~ |")
    assert run(program, time_step=0.25, final_time=5.0)[-1] == pytest.approx(0.25 + 50 + 200 + 250)


def test_runge_kutta_is_nearer_to_the_truth(model):
    program = model("y = INTEG(-0.8*y, 1) ~ ~ |")
    truth = np.exp(-0.8 * (TIMES - 2))
    assert run(program, method="rk4") == pytest.approx(truth, rel=2e-3)
    assert run(program) == pytest.approx(0.6 ** np.arange(len(TIMES)))


def test_a_table_without_an_argument_is_our_mistake(model):
    program = model("bent((0,1),(10,21)) ~ ~ |\ny = INTEG(x, 1) ~ ~ |")
    object.__setattr__(program["x"], "expression", program["bent"].expression)
    assert isinstance(program["bent"].expression, Table)
    with pytest.raises(InternalError, match=r"^x: a table has no value without an argument$"):
        Lowering(program, orders=())
