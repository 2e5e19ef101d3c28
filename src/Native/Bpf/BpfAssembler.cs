namespace Middlebox.Native.Bpf;

/// <summary>Writes a BPF program instruction by instruction (RFC 9669): 64-bit arithmetic, memory accesses, jumps to labels and calls of the kernel's functions.</summary>
public sealed class BpfAssembler
{
    private const byte LoadMemory = 0x61;
    private const byte StoreValue = 0x62;
    private const byte StoreRegister = 0x63;
    private const byte LoadWide = 0x18;
    private const byte MapDescriptor = 1;

    private const byte AddValue = 0x07;
    private const byte AddRegister = 0x0f;
    private const byte SubtractRegister = 0x1f;
    private const byte AndValue = 0x57;
    private const byte ShiftLeftValue = 0x67;
    private const byte ShiftRightValue = 0x77;
    private const byte MoveValue = 0xb7;
    private const byte MoveRegister = 0xbf;

    private const byte JumpAlways = 0x05;
    private const byte JumpValue = 0x05;
    private const byte JumpRegister = 0x0d;
    private const byte CallFunction = 0x85;
    private const byte ExitProgram = 0x95;

    private readonly List<ulong> _code = [];
    private readonly Dictionary<string, int> _labels = [];
    private readonly List<(int Index, string Label)> _jumps = [];

    public BpfAssembler Move(BpfRegister to, BpfRegister from) => Emit(MoveRegister, to, from);

    public BpfAssembler Move(BpfRegister to, int value) => Emit(MoveValue, to, value: value);

    public BpfAssembler Add(BpfRegister to, int value) => Emit(AddValue, to, value: value);

    public BpfAssembler Add(BpfRegister to, BpfRegister other) => Emit(AddRegister, to, other);

    public BpfAssembler Subtract(BpfRegister from, BpfRegister other) => Emit(SubtractRegister, from, other);

    public BpfAssembler And(BpfRegister to, int value) => Emit(AndValue, to, value: value);

    public BpfAssembler ShiftLeft(BpfRegister to, int bits) => Emit(ShiftLeftValue, to, value: bits);

    public BpfAssembler ShiftRight(BpfRegister to, int bits) => Emit(ShiftRightValue, to, value: bits);

    /// <summary>The bits above the size become 0.</summary>
    public BpfAssembler Load(BpfSize size, BpfRegister to, BpfRegister address, int offset) => Emit((byte)(LoadMemory | (byte)size), to, address, offset);

    public BpfAssembler Store(BpfSize size, BpfRegister address, int offset, BpfRegister from) => Emit((byte)(StoreRegister | (byte)size), address, from, offset);

    public BpfAssembler StoreValueAt(BpfSize size, BpfRegister address, int offset, int value) => Emit((byte)(StoreValue | (byte)size), address, offset: offset, value: value);

    /// <summary>The table, as the kernel's functions want it for an argument.</summary>
    public BpfAssembler Load(BpfRegister to, BpfMap map)
    {
        Emit(LoadWide, to, (BpfRegister)MapDescriptor, value: map.Descriptor.Number);
        _code.Add(0);
        return this;
    }

    /// <summary>Goes to a label further down.</summary>
    public BpfAssembler Jump(string label)
    {
        _jumps.Add((_code.Count, label));
        return Emit(JumpAlways, default);
    }

    public BpfAssembler Jump(string label, BpfRegister left, BpfCondition condition, int right)
    {
        _jumps.Add((_code.Count, label));
        return Emit((byte)(JumpValue | (byte)condition), left, value: right);
    }

    public BpfAssembler Jump(string label, BpfRegister left, BpfCondition condition, BpfRegister right)
    {
        _jumps.Add((_code.Count, label));
        return Emit((byte)(JumpRegister | (byte)condition), left, right);
    }

    /// <summary>Calls a function of the kernel's (bpf-helpers(7)).</summary>
    public BpfAssembler Call(int function) => Emit(CallFunction, default, value: function);

    public BpfAssembler Exit() => Emit(ExitProgram, default);

    public BpfAssembler Label(string name)
    {
        _labels.Add(name, _code.Count);
        return this;
    }

    /// <summary>The program, one instruction in each element.</summary>
    /// <exception cref="InvalidOperationException">A label is missing, or too far away.</exception>
    internal ulong[] Assemble()
    {
        var code = _code.ToArray();
        foreach (var (index, label) in _jumps)
        {
            if (!_labels.TryGetValue(label, out var target) || target - index - 1 is < 0 or > short.MaxValue)
                throw new InvalidOperationException($"The label {label} is not where it could be jumped to.");
            code[index] |= (ulong)(target - index - 1) << 16;
        }

        return code;
    }

    private BpfAssembler Emit(byte operation, BpfRegister destination, BpfRegister source = default, int offset = 0, int value = 0)
    {
        _code.Add(operation | ((ulong)destination << 8) | ((ulong)source << 12) | ((ulong)(ushort)checked((short)offset) << 16) | ((ulong)(uint)value << 32));
        return this;
    }
}
