using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace Drover.Server;

/// <summary>
/// The memory that the web server reads and writes connections with, in blocks of 64 KiB. Its own are 4 KiB, which are also
/// the most that it asks the kernel for at once: for files most of the time goes into asking. A connection holds a block
/// only while there are bytes in it.
/// </summary>
internal sealed class LargeBlocks : IMemoryPoolFactory<byte>
{
    private const int BlockSize = 64 << 10;

    /// <summary>Beyond that blocks are left to the garbage collector.</summary>
    private const int MostUnused = 256;

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new Pool();

    private sealed class Pool : MemoryPool<byte>
    {
        private readonly ConcurrentStack<Block> _unused = new();

        public override int MaxBufferSize => BlockSize;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
            return _unused.TryPop(out Block? block) ? block : new Block(this);
        }

        private void Return(Block block)
        {
            if (_unused.Count < MostUnused)
            {
                _unused.Push(block);
            }
        }

        protected override void Dispose(bool disposing) => _unused.Clear();

        private sealed class Block(Pool pool) : IMemoryOwner<byte>
        {
            /// <summary>Pinned: the kernel reads and writes it without a handle each time.</summary>
            public Memory<byte> Memory { get; } = GC.AllocateUninitializedArray<byte>(BlockSize, pinned: true);

            /// <summary>Gives it back.</summary>
            public void Dispose() => pool.Return(this);
        }
    }
}
