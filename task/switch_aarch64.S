/*
 * switch_aarch64.S - the switch for AArch64, AAPCS64 and Darwin's variant.
 *
 * A parked stack, from the pointer that was saved upwards:
 *
 *       0  x19 to x28    the registers a callee keeps
 *      80  x29           the frame pointer
 *      88  x30           where to go on
 *      96  on Darwin, 128 bytes not ours: the red zone, in which the compiler
 *          may keep locals, since it saw no call
 *   FRAME  the stack pointer of the code that switched
 *
 * d8 to d15, which a callee keeps as well, are saved by the C code around the
 * jump (see switch.h).  The layout, and so the frame information below, holds
 * before and after the stack pointer changes: a debugger can unwind at every
 * instruction, and at gyre_switch_parked with the pointer of any parked
 * context.
 *
 * No return address is signed for one stack and checked on another: x30 is
 * plain here, and each C function unsigns its own with its own stack pointer.
 * The note at the end declares branch target identification (every landing
 * here is a bti) but no guarded control stack, which records returns only for
 * the stack it belongs to; a loader therefore leaves it off.
 */
#ifdef __APPLE__
#define FRAME (96 + 128)
.macro function name
    .globl \name
    .private_extern \name
    .p2align 4
\name:
.endm
.macro end name
.endm
#else
#define FRAME 96
.macro function name
    .globl \name
    .hidden \name
    .type \name, %function
    .p2align 4
\name:
.endm
.macro end name
    .size \name, . - \name
.endm
#endif

    .text

/* x0: where to store our pointer; x1: whose to take; x30: where to go on. */
function gyre_switch_jump
    .cfi_startproc
    stp     x19, x20, [sp, #-FRAME]!    /* make room; over the red zone */
    .cfi_def_cfa_offset FRAME
    .cfi_offset x19, -FRAME
    .cfi_offset x20, -FRAME + 8
    stp     x21, x22, [sp, #16]
    .cfi_offset x21, -FRAME + 16
    .cfi_offset x22, -FRAME + 24
    stp     x23, x24, [sp, #32]
    .cfi_offset x23, -FRAME + 32
    .cfi_offset x24, -FRAME + 40
    stp     x25, x26, [sp, #48]
    .cfi_offset x25, -FRAME + 48
    .cfi_offset x26, -FRAME + 56
    stp     x27, x28, [sp, #64]
    .cfi_offset x27, -FRAME + 64
    .cfi_offset x28, -FRAME + 72
    stp     x29, x30, [sp, #80]         /* the frame, and where to go on */
    .cfi_offset x29, -FRAME + 80
    .cfi_offset x30, -FRAME + 88

    mov     x9, sp                      /* (sp itself cannot be stored) */
    str     x9, [x0]                    /* this context is parked */
    mov     sp, x1                      /* and that one is no longer */

    .globl gyre_switch_parked
#ifdef __APPLE__
    .private_extern gyre_switch_parked
    .alt_entry gyre_switch_parked       /* not a function of its own */
#else
    .hidden gyre_switch_parked
#endif
gyre_switch_parked:
    ldp     x29, x30, [sp, #80]         /* its frame, and where it goes on */
    .cfi_restore x29
    .cfi_restore x30
    ldp     x27, x28, [sp, #64]
    .cfi_restore x27
    .cfi_restore x28
    ldp     x25, x26, [sp, #48]
    .cfi_restore x25
    .cfi_restore x26
    ldp     x23, x24, [sp, #32]
    .cfi_restore x23
    .cfi_restore x24
    ldp     x21, x22, [sp, #16]
    .cfi_restore x21
    .cfi_restore x22
    ldp     x19, x20, [sp], #FRAME
    .cfi_restore x19
    .cfi_restore x20
    .cfi_def_cfa_offset 0
    br      x30                         /* and never by ret: see switch.h */
    .cfi_endproc
end gyre_switch_jump

/*
 * The outermost frame of every context, entered from above with the function
 * to call in x19 and its argument in x20.  Unwinding ends here: no caller is
 * known, and the frame pointer is zero.
 */
function gyre_switch_start
    .cfi_startproc
    .cfi_undefined x30
    nop                                 /* entered after this: an unwinder */
    hint    #36                         /* (bti j) looks up the byte before */
    mov     x0, x20                     /* its argument */
    adr     x30, 1f                     /* a call, but by a jump: it will */
    mov     x16, x19                    /*   not return (and through x16, */
    br      x16                         /*   which may land on a bti c) */
1:  brk     #1                          /* it did return */
    .cfi_endproc
end gyre_switch_start

/* x0: the end of the stack; x1: what to call; x2: its argument. */
function gyre_switch_make
    .cfi_startproc
    hint    #34                         /* bti c */
    sub     x0, x0, #FRAME
    adr     x9, gyre_switch_start + 4
    stp     x1, x2, [x0]                /* x19: what to call; x20: with what */
    stp     xzr, x9, [x0, #80]          /* no frame; where to go on */
    ret                                 /* the other registers start as junk */
    .cfi_endproc
end gyre_switch_make

/*
 * x0: a parked pointer; x1: what to call; x2: its argument.
 *
 * The call is made on this stack.  But its frame pointer, and the information
 * here, say that it was made by the parked context: x29 points to that one's
 * x29 and where it goes on, which lie in memory as those of a frame do.
 */
function gyre_switch_look
    .cfi_startproc
    hint    #34                         /* bti c */
    stp     x29, x30, [sp, #-16]!
    .cfi_def_cfa_offset 16
    .cfi_offset x29, -16
    .cfi_offset x30, -8
    add     x29, x0, #80                /* the parked context's frame */
    mov     x0, x2                      /* the argument */
    .cfi_remember_state
    .cfi_def_cfa x29, FRAME - 80
    .cfi_offset x19, -FRAME
    .cfi_offset x20, -FRAME + 8
    .cfi_offset x21, -FRAME + 16
    .cfi_offset x22, -FRAME + 24
    .cfi_offset x23, -FRAME + 32
    .cfi_offset x24, -FRAME + 40
    .cfi_offset x25, -FRAME + 48
    .cfi_offset x26, -FRAME + 56
    .cfi_offset x27, -FRAME + 64
    .cfi_offset x28, -FRAME + 72
    .cfi_offset x29, -FRAME + 80
    .cfi_offset x30, -FRAME + 88
    blr     x1
    .cfi_restore_state
    mov     w0, #1                      /* true: it was called */
    ldp     x29, x30, [sp], #16
    .cfi_def_cfa_offset 0
    .cfi_restore x29
    .cfi_restore x30
    ret
    .cfi_endproc
end gyre_switch_look

/* FPCR: rounding, flushing, traps.  The sticky flags are in FPSR. */
function gyre_switch_fp
    .cfi_startproc
    hint    #34                         /* bti c */
    mrs     x0, fpcr
    ret
    .cfi_endproc
end gyre_switch_fp

#ifndef __APPLE__
    .section .note.GNU-stack, "", %progbits     /* no executable stack */

    .section .note.gnu.property, "a"
    .p2align 3
    .long   4                           /* length of the name */
    .long   16                          /* length of the description */
    .long   5                           /* NT_GNU_PROPERTY_TYPE_0 */
    .asciz  "GNU"
    .long   0xc0000000                  /* ..._AARCH64_FEATURE_1_AND */
    .long   4
    .long   1                           /* BTI; 4 would be GCS */
    .long   0
#endif
