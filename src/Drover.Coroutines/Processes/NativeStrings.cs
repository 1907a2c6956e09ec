using System.Runtime.InteropServices;
using System.Text;

namespace Drover.Coroutines;

/// <summary>A null-terminated array of null-terminated UTF-8 strings outside of the managed heap, for C.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private byte** _pointers;

    internal NativeStrings(IReadOnlyCollection<string> strings)
    {
        // One block: first the pointers, then the characters.
        nuint head = (nuint)(sizeof(byte*) * (strings.Count + 1));
        nuint size = head;
        foreach (string s in strings)
        {
            size += (nuint)Encoding.UTF8.GetByteCount(s) + 1;
        }

        _pointers = (byte**)NativeMemory.Alloc(size);
        byte* at = (byte*)_pointers + head;
        byte* end = (byte*)_pointers + size;
        int index = 0;
        foreach (string s in strings)
        {
            _pointers[index++] = at;
            at += Encoding.UTF8.GetBytes(s, new Span<byte>(at, (int)(end - at)));
            *at++ = 0;
        }

        _pointers[index] = null;
    }

    internal byte** Pointers => _pointers;

    internal byte* First => _pointers[0];

    public void Dispose()
    {
        NativeMemory.Free(_pointers);
        _pointers = null;
    }
}
