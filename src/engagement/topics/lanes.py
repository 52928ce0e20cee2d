"""Eight single-precision numbers as one value in compiled code, so that kernels use vector instructions by construction.

Each operation works on the eight lanes separately and is correctly rounded (IEEE 754); processors with narrower vectors
run it in parts, with the same bits. Nothing is reassociated or fused: the instructions carry no fast-math flags.

numba's cache of compiled kernels watches `kernels.py` only: after a change here, save that file too.
"""

import operator

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

LANES = 8
_VECTOR = ir.VectorType(ir.FloatType(), LANES)
_ALIGN = 4  # rows start at any float32, not at whole vectors


class Lanes(types.Type):
    """The type of eight float32 numbers."""

    def __init__(self):
        super().__init__(name="float32x8")


lanes = Lanes()


@register_model(Lanes)
class _Model(models.PrimitiveModel):
    def __init__(self, manager, kind):
        super().__init__(manager, kind, _VECTOR)


def _binary(operation, instruction: str) -> None:
    @infer_global(operation)
    class _Typed(AbstractTemplate):
        def generic(self, args, kws):
            if len(args) == 2 and all(isinstance(arg, Lanes) for arg in args):
                return signature(lanes, lanes, lanes)
            return None

    @lower_builtin(operation, Lanes, Lanes)
    def _lowered(context, builder, sig, args):
        return getattr(builder, instruction)(*args)


for _operation, _instruction in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
):
    _binary(_operation, _instruction)


def _address(context, builder, kind, array, start):
    data = cgutils.create_struct_proxy(kind)(context, builder, value=array).data
    return builder.bitcast(builder.gep(data, [start]), _VECTOR.as_pointer())


@intrinsic
def load(typingctx, array, start):
    """Return array[start : start + 8] of a flat float32 array."""

    def code(context, builder, sig, args):
        return builder.load(_address(context, builder, sig.args[0], *args), align=_ALIGN)

    return lanes(array, types.intp), code


@intrinsic
def store(typingctx, array, start, value):
    """Set array[start : start + 8] of a flat float32 array."""

    def code(context, builder, sig, args):
        builder.store(args[2], _address(context, builder, sig.args[0], *args[:2]), align=_ALIGN)
        return context.get_dummy_value()

    return types.void(array, types.intp, lanes), code


@intrinsic
def spread(typingctx, value):
    """Return a float32 in all eight lanes."""

    def code(context, builder, sig, args):
        number, empty = ir.IntType(32), ir.Constant(_VECTOR, ir.Undefined)
        first = builder.insert_element(empty, args[0], number(0))
        return builder.shuffle_vector(first, empty, ir.Constant(ir.VectorType(number, LANES), [0] * LANES))

    return lanes(types.float32), code


@intrinsic
def larger(typingctx, left, right):
    """Return, lane by lane, the larger one (`right` where they do not compare)."""

    def code(context, builder, sig, args):
        return builder.select(builder.fcmp_ordered(">", *args), *args)

    return lanes(lanes, lanes), code


@intrinsic
def across(typingctx, value):
    """Return the sum of the lanes: ((0+4)+(2+6)) + ((1+5)+(3+7))."""

    def code(context, builder, sig, args):
        lane = [builder.extract_element(args[0], ir.IntType(32)(i)) for i in range(LANES)]
        pair = [builder.fadd(lane[i], lane[i + 4]) for i in range(4)]
        return builder.fadd(builder.fadd(pair[0], pair[2]), builder.fadd(pair[1], pair[3]))

    return types.float32(lanes), code
