Console.WriteLine("accept | deliver | both");
