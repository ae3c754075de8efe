/*
 * switch_x86_64.S - the switch for x86-64, System V convention.
 *
 * A parked stack, from the pointer that was saved upwards:
 *
 *       0  r15     the registers a callee keeps
 *       8  r14
 *      16  r13
 *      24  r12
 *      32  rbx
 *      40  rbp
 *      48  where to go on
 *      56  128 bytes not ours: the red zone, in which the compiler may keep
 *          locals, since it saw no call
 *     184  the stack pointer of the code that switched
 *
 * This layout, and so the frame information below, holds before and after the
 * stack pointer changes: a debugger can unwind at every instruction, and at
 * gyre_switch_parked with the pointer of any parked context.
 *
 * The note at the end declares indirect branch tracking (every landing here
 * is an endbr64) but no shadow stack, which records returns only for the stack
 * it belongs to.  A loader therefore turns shadow stacks off for a program
 * that contains this file, rather than let its first return trap.
 */
#ifdef __APPLE__
.macro function name
    .globl \name
    .private_extern \name
    .p2align 4
\name:
.endm
.macro end name
.endm
#else
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

/* rdi: where to store our pointer; rsi: whose to take; rdx: where to go on. */
function gyre_switch_jump
    .cfi_startproc
    .cfi_def_cfa %rsp, 0                /* nothing was pushed on the way in */
    .cfi_register %rip, %rdx

    lea     -128(%rsp), %rsp            /* step over the red zone */
    .cfi_def_cfa_offset 128
    push    %rdx                        /* where to go on */
    .cfi_def_cfa_offset 136
    .cfi_offset %rip, -136
    push    %rbp
    .cfi_def_cfa_offset 144
    .cfi_offset %rbp, -144
    push    %rbx
    .cfi_def_cfa_offset 152
    .cfi_offset %rbx, -152
    push    %r12
    .cfi_def_cfa_offset 160
    .cfi_offset %r12, -160
    push    %r13
    .cfi_def_cfa_offset 168
    .cfi_offset %r13, -168
    push    %r14
    .cfi_def_cfa_offset 176
    .cfi_offset %r14, -176
    push    %r15
    .cfi_def_cfa_offset 184
    .cfi_offset %r15, -184

    mov     %rsp, (%rdi)                /* this context is parked */
    mov     %rsi, %rsp                  /* and that one is no longer */

    .globl gyre_switch_parked
#ifdef __APPLE__
    .private_extern gyre_switch_parked
    .alt_entry gyre_switch_parked       /* not a function of its own */
#else
    .hidden gyre_switch_parked
#endif
gyre_switch_parked:
    pop     %r15
    .cfi_def_cfa_offset 176
    .cfi_restore %r15
    pop     %r14
    .cfi_def_cfa_offset 168
    .cfi_restore %r14
    pop     %r13
    .cfi_def_cfa_offset 160
    .cfi_restore %r13
    pop     %r12
    .cfi_def_cfa_offset 152
    .cfi_restore %r12
    pop     %rbx
    .cfi_def_cfa_offset 144
    .cfi_restore %rbx
    pop     %rbp
    .cfi_def_cfa_offset 136
    .cfi_restore %rbp
    pop     %rdx                        /* where it goes on */
    .cfi_def_cfa_offset 128
    .cfi_register %rip, %rdx
    lea     128(%rsp), %rsp             /* back over its red zone */
    .cfi_def_cfa_offset 0
    jmp     *%rdx                       /* and never by ret: see switch.h */
    .cfi_endproc
end gyre_switch_jump

/*
 * The outermost frame of every context, entered from above with the function
 * to call in r12 and its argument in r13.  Unwinding ends here: no caller is
 * known, and the frame pointer is zero.
 */
function gyre_switch_start
    .cfi_startproc
    .cfi_undefined %rip
    nop                                 /* entered after this: an unwinder */
    endbr64                             /*   looks up the byte before */
    mov     %r13, %rdi                  /* its argument */
    lea     1f(%rip), %rax              /* a call, but by a jump: it will */
    push    %rax                        /*   not return, and the processor */
    .cfi_adjust_cfa_offset 8            /*   must not expect that it does */
    jmp     *%r12
1:  ud2                                 /* it did return */
    .cfi_endproc
end gyre_switch_start

/* rdi: the end of the stack; rsi: what to call; rdx: its argument. */
function gyre_switch_make
    .cfi_startproc
    endbr64
    lea     gyre_switch_start + 1(%rip), %rax
    mov     %rax, -136(%rdi)            /* where to go on */
    movq    $0, -144(%rdi)              /* rbp: the end of the frame chain */
    mov     %rsi, -160(%rdi)            /* r12: what to call */
    mov     %rdx, -168(%rdi)            /* r13: its argument */
    lea     -184(%rdi), %rax            /* the other registers start as junk */
    ret
    .cfi_endproc
end gyre_switch_make

/*
 * rdi: a parked pointer; rsi: what to call; rdx: its argument.
 *
 * The call is made on this stack.  But its frame pointer, and the information
 * here, say that it was made by the parked context: rbp points to that one's
 * rbp and where it goes on, which lie in memory as those of a frame do.
 */
function gyre_switch_look
    .cfi_startproc
    endbr64
    push    %rbp
    .cfi_def_cfa_offset 16
    .cfi_offset %rbp, -16
    lea     40(%rdi), %rbp              /* the parked context's frame */
    mov     %rdx, %rdi                  /* the argument */
    .cfi_remember_state
    .cfi_def_cfa %rbp, 144
    .cfi_offset %rip, -136
    .cfi_offset %rbp, -144
    .cfi_offset %rbx, -152
    .cfi_offset %r12, -160
    .cfi_offset %r13, -168
    .cfi_offset %r14, -176
    .cfi_offset %r15, -184
    call    *%rsi
    .cfi_restore_state
    mov     $1, %eax                    /* true: it was called */
    pop     %rbp
    .cfi_def_cfa_offset 8
    .cfi_restore %rbp
    ret
    .cfi_endproc
end gyre_switch_look

/* The control bits of MXCSR, and the x87 control word above them. */
function gyre_switch_fp
    .cfi_startproc
    endbr64
    stmxcsr -4(%rsp)
    fnstcw  -8(%rsp)
    mov     -4(%rsp), %eax
    and     $0xffc0, %eax               /* not the six sticky flags */
    movzwl  -8(%rsp), %ecx
    shl     $16, %ecx
    or      %ecx, %eax
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
    .long   0xc0000002                  /* GNU_PROPERTY_X86_FEATURE_1_AND */
    .long   4
    .long   1                           /* IBT; 2 would be shadow stacks */
    .long   0
#endif
