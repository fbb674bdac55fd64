"""What the gradient kernel has beside the vector kernel's functions: the slope of a table, and the loops."""

from __future__ import annotations

from iskdyn.compile.runtime_llvm import TABLE_ENDS

SLOPE = (
    """
define internal $V @slope($V %x, ptr %X, ptr %Y, ptr %O, i64 %table) {
entry:
"""
    + TABLE_ENDS
    + """  br label %head
head:
  %j = phi i64 [ %first, %entry ], [ %next, %body ]
  %slope = phi $V [ splat (double 0.0), %entry ], [ %better, %body ]
  %next = add i64 %j, 1
  %more = icmp slt i64 %j, %last
  br i1 %more, label %body, label %done
body:
  %pxa = getelementptr double, ptr %X, i64 %j
  %xa = load double, ptr %pxa
  %pxb = getelementptr double, ptr %X, i64 %next
  %xb = load double, ptr %pxb
  %pya = getelementptr double, ptr %Y, i64 %j
  %ya = load double, ptr %pya
  %pyb = getelementptr double, ptr %Y, i64 %next
  %yb = load double, ptr %pyb
  %dx = fsub double %xb, %xa
  %dy = fsub double %yb, %ya
  %here = fdiv double %dy, %dx
  %here0 = insertelement $V poison, double %here, i32 0
  %herev = shufflevector $V %here0, $V poison, $K zeroinitializer
  %xa0 = insertelement $V poison, double %xa, i32 0
  %xav = shufflevector $V %xa0, $V poison, $K zeroinitializer
  %passed = fcmp oge $V %x, %xav
  %start = icmp eq i64 %j, %first
  %before = select i1 %start, $M splat (i1 true), $M %passed
  %better = select $M %before, $V %herev, $V %slope
  br label %head
done:
  %held = icmp eq i64 %mode, 2
  %any = select i1 %held, $V splat (double 0.0), $V %slope
  %extend = icmp eq i64 %mode, 1
  %below = fcmp olt $V %x, %low0
  %above = fcmp oge $V %x, %top
  %out0 = or $M %below, %above
  %out = select i1 %extend, $M splat (i1 false), $M %out0
  %y = select $M %out, $V splat (double 0.0), $V %any
  ret $V %y
}
"""
)
"""The slope of a table at x: at a point that of the part above it, 0 where an end is held or values are steps."""

RUN = """
define void @run(i64 %steps, ptr %save, i64 %seed, i64 %way, ptr %S, ptr %P, ptr %B, ptr %R, ptr %Uall, ptr %Mall,
                 ptr %X, ptr %Y, ptr %O, ptr %G, ptr %N, ptr %Wall, ptr %L, ptr %D, ptr %H, ptr %E) {
entry:
  %last = sub i64 %steps, 1
  %start = icmp eq i64 %way, 0
  br i1 %start, label %begin, label %loop
begin:
  call void @begin(@OUTSIDE@)
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ 0, %begin ], [ %i.next, %tail ]
  %i.more = icmp slt i64 %i, %steps
  br i1 %i.more, label %one, label %done
one:
  %turned = sub i64 %last, %i
  %k = select i1 %start, i64 %i, i64 %turned
  %a.i = mul i64 %k, @NS@
  %z.i = add i64 %a.i, @NS@
  %A = getelementptr $V, ptr %S, i64 %a.i
  %Z = getelementptr $V, ptr %S, i64 %z.i
  %u.i = mul i64 %k, @NU@
  %U = getelementptr double, ptr %Uall, i64 %u.i
  %m.i = mul i64 %k, @NM@
  %M = getelementptr $V, ptr %Mall, i64 %m.i
  %save.p = getelementptr i64, ptr %save, i64 %k
  %row = load i64, ptr %save.p
  %w.i = mul i64 %row, @NO@
  %W = getelementptr $V, ptr %Wall, i64 %w.i
  %keep = icmp sge i64 %row, 0
  br i1 %start, label %forward, label %backward
forward:
  br i1 %keep, label %forward.with, label %forward.without
forward.with:
  call void @report(@CALL@)
  br label %tail
forward.without:
  call void @step(@CALL@)
  br label %tail
backward:
  br i1 %keep, label %backward.with, label %backward.without
backward.with:
  call void @back_report(@CALL@)
  br label %tail
backward.without:
  call void @back(@CALL@)
  br label %tail
tail:
  %i.next = add i64 %i, 1
  br label %loop
done:
  br i1 %start, label %finish, label %end
end:
  call void @finish(@OUTSIDE@)
  br label %finish
finish:
  ret void
}
"""
"""The steps of one block: forward where way is 0, else backward."""
